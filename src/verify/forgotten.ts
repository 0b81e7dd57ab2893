/**
 * What no broker has any more, because faults took it from the disks of all that had it: Kafka acknowledges what the
 * in-sync replicas have in memory, and promises to keep it as long as one of them keeps it. So a loss of all of them
 * at once, or of one after the other before the first had caught up, is no broken promise; one of them is.
 *
 * Told by the events alone: what each fault took (`log-lost`), when its broker was back (`fault-healed`), and whom
 * Kafka counted as in sync (`leadership`). Excused is only what lay where something was taken, was acknowledged
 * before, and is missed afterwards.
 */
import type { EventOf, RunEvent } from '../evidence/events.ts';

export const FORGOTTEN =
  'faults took it from the disks of all replicas in sync, and Kafka acknowledges from their memory';

/** From `offset` on, all that was acknowledged until then is nobody's. */
type Forgetting = { readonly offset: number; readonly atUs: number };

/** What a broker lacks of a partition until Kafka counts it as in sync again. */
type Lack = { readonly offset: number; readonly fault: string; backUs: number | null };

/** The cluster is looked at twice a second, so that after one second the ISR is not that of before. */
const SEEN_WITHIN_US = 1_000_000;
/** An answer may lie in a socket for a moment; nobody can give another one before somebody leads again. */
const ANSWERED_WITHIN_US = 1_000_000;

export class Forgotten {
  readonly #places = new Map<string, PlaceHistory>();
  readonly #events: readonly RunEvent[];

  constructor(events: readonly RunEvent[]) {
    const lost = events.some(({ type }) => type === 'log-lost');
    this.#events = lost ? [...events].sort((a, b) => a.t - b.t) : [];
  }

  /** Of records that were acknowledged then: the offset from which on their absence is excused; Infinity: none. */
  acknowledged(topic: string, partition: number, timeUs: number): number {
    const known = this.#of(topic, partition).filter(
      ({ atUs }) => timeUs <= atUs + ANSWERED_WITHIN_US,
    );
    return lowest(known);
  }

  /** Of a log that was seen to be shorter then (null: some time): the offset from which on that is excused. */
  missed(topic: string, partition: number, timeUs: number | null): number {
    const known = this.#of(topic, partition).filter(({ atUs }) => (timeUs ?? Infinity) >= atUs);
    return lowest(known);
  }

  #of(topic: string, partition: number): readonly Forgetting[] {
    const key = `${topic}/${partition}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = new PlaceHistory(key);
      for (const event of this.#events) place.add(event);
      this.#places.set(key, place);
    }
    return place.forgettings;
  }
}

const lowest = (forgettings: readonly Forgetting[]): number =>
  Math.min(Infinity, ...forgettings.map(({ offset }) => offset));

/** One partition: whom Kafka counts as in sync, and who of them lacks what. */
class PlaceHistory {
  readonly forgettings: Forgetting[] = [];
  readonly #key: string;
  readonly #lacks = new Map<number, Lack>();
  #inSync: readonly number[] = [];

  constructor(key: string) {
    this.#key = key;
  }

  add(event: RunEvent): void {
    this.#catchUp(event.t);
    if (event.type === 'log-lost') this.#lose(event);
    else if (event.type === 'leadership') this.#follow(event);
    else if (event.type === 'fault-healed') {
      for (const lack of this.#lacks.values())
        if (lack.fault === event.fault) lack.backUs = event.t;
    }
  }

  #lose({ t, broker, fault, from }: EventOf<'log-lost'>): void {
    const offset = from === null ? 0 : from[this.#key];
    if (offset === undefined) return;
    const before = this.#lacks.get(broker)?.offset ?? Infinity;
    this.#lacks.set(broker, { offset: Math.min(offset, before), fault, backUs: null });
    this.#look(t, () => true);
  }

  #follow({ t, topic, partition, isr }: EventOf<'leadership'>): void {
    if (`${topic}/${partition}` !== this.#key) return;
    this.#inSync = isr;
    this.#catchUp(t);
    // Once one is back, others may write anew, which nothing excuses.
    this.#look(t, ({ backUs }) => backUs === null);
  }

  /** A broker that is in sync again has copied what it lacked. */
  #catchUp(t: number): void {
    for (const [broker, { backUs }] of this.#lacks) {
      const back = backUs !== null && t >= backUs + SEEN_WITHIN_US;
      if (back && this.#inSync.includes(broker)) this.#lacks.delete(broker);
    }
  }

  /** Does anybody who is in sync still have everything? */
  #look(t: number, counts: (lack: Lack) => boolean): void {
    const lacks = this.#inSync.map((broker) => this.#lacks.get(broker));
    const lost = lacks.filter((lack) => lack !== undefined);
    if (lost.length === 0 || lost.length < lacks.length || !lost.every(counts)) return;
    this.forgettings.push({ offset: Math.min(...lost.map(({ offset }) => offset)), atUs: t });
  }
}

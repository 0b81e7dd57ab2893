/**
 * Which key each record of a load had, by its stream and sequence: recomputed, because keys are a function of the seed
 * and the record's number, and its producer offered every one in turn. Where a worker was killed and started again, its
 * producers' sequences go on behind what their ledgers hold, and their records' numbers where the worker said. So it
 * holds as long as no worker of the load died by itself. Costs four bytes a record, and only where it is asked for.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { RawEntry } from '../evidence/ledger.ts';
import type { StreamTable } from '../evidence/streams.ts';
import { createRanks, keyOfRank } from '../scenario/records/keys.ts';
import { partitionOfKey } from '../scenario/records/partitioner.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { KeyModel } from '../scenario/traffic.ts';

/** Records held at most, 80 MB of them. */
const MAX_RECORDS = 20_000_000;

type Keyed = Exclude<KeyModel, { kind: 'none' }>;

/** From then on the producer's next record was its nth. */
type Restart = { readonly timeUs: number; readonly nth: number };

/** One producer's records so far, by partition. */
type Producer = {
  next: number;
  readonly ranks: readonly Ranks[];
  /** One past the last sequence that was given to the client. */
  readonly given: number[];
  /** Those to come, oldest first. */
  readonly restarts: Restart[];
};

export class RecordKeys {
  readonly #load: ProduceLoad;
  readonly #rankOf: (index: number) => number;
  readonly #producers: readonly Producer[];
  #held = 0;

  constructor(
    load: ProduceLoad,
    model: Keyed,
    seed: number,
    { streams: { partitions }, events }: Evidence,
  ) {
    const count = partitions.filter(({ topic }) => topic === load.topic).length;
    this.#load = load;
    this.#rankOf = createRanks(model, seed);
    this.#producers = Array.from({ length: load.producers }, (_, producer) => ({
      next: 0,
      ranks: Array.from({ length: count }, () => new Ranks()),
      given: new Array<number>(count).fill(0),
      restarts: restartsOf(load.name, producer, events),
    }));
  }

  get bytes(): number {
    return this.#producers.flatMap(({ ranks }) => ranks).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Records were given to the client. All that were have to be told, by time, before they are asked for. */
  given(producer: number, partition: number, { first, count, timeUs }: RawEntry): void {
    const mine = this.#producers[producer];
    if (mine === undefined) return;
    while (timeUs >= (mine.restarts[0]?.timeUs ?? Infinity)) {
      this.#restart(mine, producer, mine.restarts.shift() as Restart);
    }
    mine.given[partition] = Math.max(mine.given[partition] ?? 0, first + count);
  }

  /** The rank of the key of the producer's record of this sequence; null: there are too many to tell. */
  rankOf(producer: number, partition: number, sequence: number): number | null {
    const mine = this.#producers[producer];
    const ranks = mine?.ranks[partition];
    if (mine === undefined || ranks === undefined) return null;
    while (ranks.length <= sequence) if (!this.#next(mine, producer)) return null;
    return ranks.at(sequence);
  }

  /** What had been offered and was not given to the client is not offered again. */
  #restart(mine: Producer, producer: number, { nth }: Restart): void {
    mine.ranks.forEach((ranks, partition) => {
      const given = mine.given[partition] as number;
      while (ranks.length < given && this.#next(mine, producer)) {}
    });
    mine.ranks.forEach((ranks, partition) => {
      ranks.cut(mine.given[partition] as number);
    });
    mine.next = nth;
  }

  /** Numbers the producer's next record; false: there is no room for it. */
  #next(mine: Producer, producer: number): boolean {
    if (this.#held++ >= MAX_RECORDS) return false;
    const rank = this.#rankOf(mine.next++ * this.#load.producers + producer);
    mine.ranks[partitionOfKey(keyOfRank(rank), mine.ranks.length)]?.push(rank);
    return true;
  }
}

type Evidence = { readonly streams: StreamTable; readonly events: readonly RunEvent[] };

const restartsOf = (load: string, producer: number, events: readonly RunEvent[]): Restart[] =>
  events.flatMap((event) => {
    if (event.type !== 'records-dropped' || event.load !== load) return [];
    const nth = event.behind?.[producer];
    return nth === undefined ? [] : [{ timeUs: event.t, nth }];
  });

/** Numbers in the order they come, four bytes each. */
class Ranks {
  #values = new Uint32Array(64);
  length = 0;

  get bytes(): number {
    return this.#values.byteLength;
  }

  push(rank: number): void {
    if (this.length === this.#values.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = rank;
  }

  /** To so many at most. */
  cut(length: number): void {
    this.length = Math.min(this.length, length);
  }

  at(i: number): number {
    return this.#values[i] as number;
  }
}

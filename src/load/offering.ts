/**
 * Offers the records of this worker: those that are due by the pacing, or, for `rate: max`, as many as are to be ahead
 * of the cluster's answers. Records go to their streams in runs, so that what an offer costs hardly depends on how many
 * they are.
 */
import { countBefore, inARow, indexOfNth, partitionOfNth, type Share } from './offers.ts';
import type { Pacing } from './pacing.ts';
import type { ProducerMember } from './producer-member.ts';
import type { StreamState } from './stream-state.ts';

/** Between two looks at the clock, so that answers are heard while a pause is being caught up. */
const OFFERS_PER_TICK = 20_000;

type Producer = {
  /** Its number within the load. */
  readonly number: number;
  readonly member: ProducerMember;
  /** How many records it has offered, what former processes of the worker offered and dropped included. */
  nth: number;
};

/** The records of `state` from `sequence` on were offered. */
export type OnOffered = (
  state: StreamState,
  sequence: number,
  count: number,
  member: ProducerMember,
) => void;

export class Offering {
  readonly #pacing: Pacing;
  readonly #share: Share;
  readonly #producers: readonly Producer[];
  readonly #onOffered: OnOffered;
  /** Whose turn it is to be ahead. */
  #turn = 0;
  #offered = 0;

  constructor(
    pacing: Pacing,
    share: Share,
    members: ReadonlyMap<number, ProducerMember>,
    onOffered: OnOffered,
  ) {
    this.#pacing = pacing;
    this.#share = share;
    this.#producers = [...members].map(([number, member]) => ({ number, member, nth: 0 }));
    this.#onOffered = onOffered;
  }

  /** By this process. */
  get offered(): number {
    return this.#offered;
  }

  /** By producer: how many records it has offered, what former processes of the worker offered and dropped included. */
  get behind(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#producers.map(({ number, nth }) => [number, nth]));
  }

  /** Leaves out what was due before `elapsedUs` of the schedule, and returns how many records that were. */
  skip(elapsedUs: number): number {
    const due = this.#pacing.dueBy(elapsedUs);
    let skipped = 0;
    for (const producer of this.#producers) {
      producer.nth = countBefore(due, producer.number, this.#share);
      skipped += producer.nth;
    }
    return skipped;
  }

  /** Goes on behind all that former processes of the worker gave to their clients. */
  goOn(): void {
    for (const producer of this.#producers) {
      producer.nth = producer.member.streams.reduce((sum, { records }) => sum + records.first, 0);
    }
  }

  /** `offeredUs`: when what is due counts as offered, or its intended time where that is later. */
  offerDue(elapsedUs: number, offeredUs: number): void {
    const due = this.#pacing.dueBy(elapsedUs);
    let room = OFFERS_PER_TICK;
    for (const producer of this.#producers) {
      const to = countBefore(due, producer.number, this.#share);
      while (producer.nth < to && room > 0) {
        room -= this.#offer(producer, Math.min(to - producer.nth, room), offeredUs);
      }
    }
  }

  /** In turns, so that no producer is ahead of the others. */
  offerAhead(records: number, nowUs: number): void {
    for (let left = records; left > 0; this.#turn++) {
      const producer = this.#producers[this.#turn % this.#producers.length] as Producer;
      left -= this.#offer(producer, left, nowUs);
    }
  }

  /** One run of up to `most` records; returns how many. */
  #offer(producer: Producer, most: number, offeredUs: number): number {
    const { number, member, nth } = producer;
    const untilFull = member.transactions?.untilFull ?? Infinity;
    const count = Math.min(most, inARow(nth, this.#share), untilFull);
    const turn = partitionOfNth(nth, number, this.#share);
    const partition = this.#share.keyed ? turn : (member.client.rounds?.[turn] ?? turn);
    const state = member.streams[partition] as StreamState;
    const sequence = state.records.first + state.records.length;
    state.records.push(indexOfNth(nth, number, this.#share), count, offeredUs);
    producer.nth += count;
    this.#offered += count;
    this.#onOffered(state, sequence, count, member);
    return count;
  }
}

/**
 * A consumer that has work to do with every record (`processing`). One record after the other: each takes the member so
 * long, and counts as handed over when its turn comes. A library hands over few enough of them at a time that a rebalance
 * need not wait for the rest of what was fetched, and that commits follow the work.
 */

/** About so much work is begun at once: the members of a group wait for it when they rebalance. */
const AT_ONCE_MS = 20;
/** Timers wake up a little late; a member that was at work meanwhile makes that up. */
const WAKES_LATE_US = 5000;

export const recordsAtOnce = (processingMs: number): number =>
  Math.max(1, Math.floor(AT_ONCE_MS / processingMs));

/** The work of one member. Times are microseconds on the run clock. */
export class Work {
  readonly #recordUs: number;
  #freeAtUs = Number.NEGATIVE_INFINITY;

  constructor(processingMs: number) {
    this.#recordUs = processingMs * 1000;
  }

  /** Takes up so many records now; returns how long they keep the member, in milliseconds. */
  take(records: number, nowUs: number): number {
    const late = nowUs - this.#freeAtUs;
    const beganUs = late < WAKES_LATE_US ? this.#freeAtUs : nowUs;
    this.#freeAtUs = beganUs + records * this.#recordUs;
    return Math.max(0, (this.#freeAtUs - nowUs) / 1000);
  }
}

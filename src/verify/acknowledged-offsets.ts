/**
 * The offsets of one partition that clients were told, in the order of the harness's clock: which are taken, and the
 * highest that anybody could know of at a moment.
 */
import { IntervalSet } from './interval-set.ts';

export class AcknowledgedOffsets {
  readonly taken = new IntervalSet();
  #highest = -1;
  #atUs = -Infinity;
  #highestBefore = -1;

  get bytes(): number {
    return this.taken.bytes;
  }

  /** Moments never go back from call to call. */
  add(from: number, to: number, timeUs: number): void {
    this.taken.add(from, to);
    if (timeUs > this.#atUs) {
      this.#highestBefore = this.#highest;
      this.#atUs = timeUs;
    }
    this.#highest = Math.max(this.#highest, to - 1);
  }

  /** The highest that was told before this moment, not at it: two processes may share a microsecond. -1: none. */
  highestBefore(timeUs: number): number {
    return timeUs > this.#atUs ? this.#highest : this.#highestBefore;
  }
}

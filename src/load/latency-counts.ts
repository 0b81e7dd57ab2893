/**
 * Latencies of one (metric, second) while they are counted: microseconds in the buckets that a HdrHistogram of three
 * digits has, as plain counters, which take a fraction of its time.
 */
import { encodeCounts } from '../evidence/encode-counts.ts';

/** Below it every microsecond has its bucket; beyond, every doubling has half as many. */
const EXACT = 2048;
const HALF = EXACT / 2;
const INITIAL = 4 * EXACT;
/** 17 minutes; what is longer counts as that. */
const LONGEST_US = 2 ** 30 - 1;

export class LatencyCounts {
  #counts = new Uint32Array(INITIAL);
  #maxUs = -1;

  record(us: number, count = 1): void {
    const value = us < LONGEST_US ? Math.max(0, Math.round(us)) : LONGEST_US;
    const bucket = bucketOf(value);
    if (bucket >= this.#counts.length) this.#grow(bucket);
    this.#counts[bucket] = (this.#counts[bucket] as number) + count;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  /** From each of the ascending times [from, to) of `times` to `untilUs`, all of them whole microseconds. */
  recordSince(times: Float64Array, from: number, to: number, untilUs: number): void {
    this.record(untilUs - (times[from] as number));
    const counts = this.#counts;
    for (let i = from + 1; i < to; i++) {
      const us = untilUs - (times[i] as number);
      // None is greater than the first, so the counters reach far enough.
      const value = us < 0 ? 0 : us < LONGEST_US ? us | 0 : LONGEST_US;
      const shift = value < EXACT ? 0 : 21 - Math.clz32(value);
      const bucket = HALF * shift + (value >>> shift);
      counts[bucket] = (counts[bucket] as number) + 1;
    }
  }

  /** As `recordSince`, for times that lie the ascending `delays` after `firstUs`. */
  recordAfter(
    firstUs: number,
    delays: Float64Array,
    from: number,
    to: number,
    untilUs: number,
  ): void {
    const sinceUs = untilUs - firstUs;
    this.record(sinceUs - (delays[from] as number));
    const counts = this.#counts;
    for (let i = from + 1; i < to; i++) {
      const us = sinceUs - (delays[i] as number);
      const value = us < 0 ? 0 : us < LONGEST_US ? us | 0 : LONGEST_US;
      const shift = value < EXACT ? 0 : 21 - Math.clz32(value);
      const bucket = HALF * shift + (value >>> shift);
      counts[bucket] = (counts[bucket] as number) + 1;
    }
  }

  get maxUs(): number {
    return this.#maxUs;
  }

  /** As a histogram's compressed payload. */
  encode(): string {
    return encodeCounts(this.#counts, this.#maxUs < 0 ? -1 : bucketOf(this.#maxUs), this.#maxUs);
  }

  #grow(bucket: number): void {
    const bigger = new Uint32Array(2 ** Math.ceil(Math.log2(bucket + 1)));
    bigger.set(this.#counts);
    this.#counts = bigger;
  }
}

function bucketOf(us: number): number {
  const shift = us < EXACT ? 0 : 21 - Math.clz32(us);
  return HALF * shift + (us >>> shift);
}

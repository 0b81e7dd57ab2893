/**
 * Latencies of one (metric, second) while they are counted: microseconds in the buckets that a HdrHistogram of three
 * digits has, as plain counters, which take a fraction of its time. It becomes a histogram when the second is told.
 */
import { createHistogram, type Histogram, recordUs } from '../evidence/histograms.ts';

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

  /** The greatest is kept as it is, everything else by its bucket. */
  toHistogram(): Histogram {
    const histogram = createHistogram();
    const last = this.#maxUs < 0 ? -1 : bucketOf(this.#maxUs);
    for (let bucket = 0; bucket <= last; bucket++) {
      const count = this.#counts[bucket] as number;
      if (count > 0) recordUs(histogram, bucket === last ? this.#maxUs : lowestOf(bucket), count);
    }
    return histogram;
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

function lowestOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / HALF) - 1);
  return (bucket - HALF * shift) * 2 ** shift;
}

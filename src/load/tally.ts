/**
 * What a worker counts: per second of intended time, per second of wall time, and one histogram for each metric
 * and second. `flush` returns the deltas since the last one, so a worker holds only what is new.
 */
import { encodedLine, type LatencyMetric } from '../evidence/histograms.ts';
import type { LoadSecond } from '../evidence/series.ts';
import { LatencyCounts } from './latency-counts.ts';

type Writable = { -readonly [K in keyof LoadSecond]: LoadSecond[K] };
export type Count = Exclude<keyof LoadSecond, 'load' | 'worker' | 'second'>;

export type Deltas = {
  readonly seconds: readonly LoadSecond[];
  /** Lines of the histogram log. */
  readonly histograms: readonly string[];
};

export class Tally {
  readonly #load: string;
  readonly #worker: number;
  readonly #measureUs: number;
  #seconds = new Map<number, Writable>();
  #latencies = new Map<LatencyMetric, Map<number, LatencyCounts>>();

  /** `measureUs`: when `measure` begins, on the run clock; seconds count from there. */
  constructor(load: string, worker: number, measureUs: number) {
    this.#load = load;
    this.#worker = worker;
    this.#measureUs = measureUs;
  }

  secondOf(timeUs: number): number {
    return Math.floor((timeUs - this.#measureUs) / 1_000_000);
  }

  add(second: number, count: Count, by: number): void {
    const counts = this.#second(second);
    counts[count] = (counts[count] ?? 0) + by;
  }

  /** For gauges. */
  set(second: number, gauge: Count, value: number): void {
    this.#second(second)[gauge] = value;
  }

  /** To be recorded into until the next flush. */
  latencies(metric: LatencyMetric, second: number): LatencyCounts {
    let bySecond = this.#latencies.get(metric);
    if (bySecond === undefined) {
      bySecond = new Map();
      this.#latencies.set(metric, bySecond);
    }
    let counts = bySecond.get(second);
    if (counts === undefined) {
      counts = new LatencyCounts();
      bySecond.set(second, counts);
    }
    return counts;
  }

  flush(): Deltas {
    const seconds = [...this.#seconds.values()].sort((a, b) => a.second - b.second);
    const histograms: string[] = [];
    for (const [metric, bySecond] of this.#latencies) {
      for (const [second, counts] of bySecond) {
        const line = encodedLine(this.#load, metric, second, counts.maxUs, counts.encode());
        histograms.push(line);
      }
    }
    this.#seconds = new Map();
    this.#latencies = new Map();
    return { seconds, histograms };
  }

  #second(second: number): Writable {
    let counts = this.#seconds.get(second);
    if (counts === undefined) {
      counts = { load: this.#load, worker: this.#worker, second };
      this.#seconds.set(second, counts);
    }
    return counts;
  }
}

/**
 * Latency histograms: microseconds, three significant digits, any range. On disk a run's histograms are one
 * HdrHistogram V2 interval log (`histograms.hlog`) that the public readers and plotters open: one line for each
 * delta of a (load, metric, second), tag `load.metric`. Histograms merge; percentiles are never averaged.
 *
 * A line's start stamp is `MEASURE_STAMP` plus its second (see series.ts): the public readers skip stamps below 0,
 * and the seconds of warm-up are negative.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import { environmentError } from '../lib/errors.ts';

export type { Histogram } from 'hdr-histogram-js';

export const LATENCY_METRICS = ['ack', 'queue', 'service', 'lateness', 'e2e'] as const;
export type LatencyMetric = (typeof LATENCY_METRICS)[number];

/** The start stamp, in seconds, at which `measure` begins: one day, so that every warm-up fits before it. */
export const MEASURE_STAMP = 86_400;

/** What a `histograms.hlog` starts with. */
export const HISTOGRAM_LOG_HEADER = `#[Histogram log format version 1.3]
#[Measure starts at ${MEASURE_STAMP}.000; warm-up lies before it. Values are microseconds, Interval_Max is milliseconds]
"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
`;

/**
 * Dense counts of four bytes: about 60 KB for values up to seconds, and six times faster to encode, decode and merge
 * than packed ones, which are hardly smaller for latencies.
 */
const BUCKET_BITS = 32;

/** An empty histogram. */
export const createHistogram = (): Histogram =>
  build({
    bitBucketSize: BUCKET_BITS,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

/** Records `count` times a value in microseconds; clocks may disagree by a little, so below 0 counts as 0. */
export function recordUs(histogram: Histogram, us: number, count = 1): void {
  histogram.recordValueWithCount(Math.max(0, Math.round(us)), count);
}

/** All of them in one new histogram; those given stay as they are. */
export function mergeHistograms(histograms: Iterable<Histogram>): Histogram {
  const merged = createHistogram();
  for (const histogram of histograms) merged.add(histogram);
  return merged;
}

/** In milliseconds; null without samples. The keys are those of measure's percentiles. */
export function summarize(histogram: Histogram): {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
  mean: number;
  count: number;
} | null {
  if (histogram.totalCount === 0) return null;
  const at = (percentile: number): number => percentileMs(histogram, percentile);
  return {
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: histogram.maxValue / 1000,
    mean: histogram.mean / 1000,
    count: histogram.totalCount,
  };
}

/** Never above the highest value recorded, although the last bucket reaches further. 0 without samples. */
export const percentileMs = (histogram: Histogram, percentile: number): number =>
  Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / 1000;

/** One line of the log, without the line end. */
export function histogramLine(
  load: string,
  metric: LatencyMetric,
  second: number,
  histogram: Histogram,
): string {
  const encoded = encodeIntoCompressedBase64(histogram);
  return encodedLine(load, metric, second, histogram.maxValue, encoded);
}

/** The same of a histogram that is encoded already; `maxUs` is its highest value. */
export function encodedLine(
  load: string,
  metric: LatencyMetric,
  second: number,
  maxUs: number,
  encoded: string,
): string {
  const stamp = second + MEASURE_STAMP;
  if (stamp < 0) throw new RangeError(`second ${second} lies more than a day before measure`);
  const max = (maxUs / 1000).toFixed(3);
  const tag = `${encodeTag(load)}.${metric}`;
  return `Tag=${tag},${stamp.toFixed(3)},1.000,${max},${encoded}`;
}

/**
 * Calls `visit` for every line of the log in order; lines of one (load, metric, second) add up. A torn last line
 * is ignored; anything else that is not a histogram throws `evidence.damaged`.
 */
export function readHistograms(
  path: string,
  visit: (load: string, metric: LatencyMetric, second: number, histogram: Histogram) => void,
): void {
  let number = 0;
  for (const line of wholeLines(path)) {
    number += 1;
    if (line === '' || line.startsWith('#') || line.startsWith('"')) continue;
    try {
      const { load, metric, second, histogram } = parseLine(line);
      visit(load, metric, second, histogram);
    } catch (cause) {
      throw environmentError('evidence.damaged', `${path}:${number} is not a histogram`, { cause });
    }
  }
}

/** One line of the log, unless its metric is none of these; null for others. Throws for what is not a histogram. */
export function histogramOfLine(
  line: string,
  metrics: ReadonlySet<LatencyMetric>,
): { load: string; metric: LatencyMetric; histogram: Histogram } | null {
  const tag = line.slice(0, line.indexOf(','));
  const metric = tag.slice(tag.lastIndexOf('.') + 1);
  return metrics.has(metric as LatencyMetric) ? parseLine(line) : null;
}

function parseLine(line: string): {
  load: string;
  metric: LatencyMetric;
  second: number;
  histogram: Histogram;
} {
  const [tag = '', stamp = '', , , encoded = ''] = line.split(',');
  const dot = tag.lastIndexOf('.');
  const metric = LATENCY_METRICS.find((name) => name === tag.slice(dot + 1));
  const second = Math.round(Number(stamp)) - MEASURE_STAMP;
  if (!tag.startsWith('Tag=') || metric === undefined || Number.isNaN(second)) {
    throw new Error(`unexpected tag or stamp: ${tag} ${stamp}`);
  }
  const histogram = decodeFromCompressedBase64(encoded, BUCKET_BITS);
  histogram.autoResize = true;
  return { load: decodeURIComponent(tag.slice(4, dot)), metric, second, histogram };
}

/** A tag is everything up to the first comma, and ends at a space for some readers. */
const encodeTag = (load: string): string =>
  encodeURIComponent(load.replace(/[\uD800-\uDFFF]/gu, '\uFFFD'));

function* wholeLines(path: string): Generator<string> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    let kept = '';
    for (;;) {
      const read = readSync(fd, chunk, 0, chunk.length, null);
      if (read === 0) return;
      const lines = (kept + chunk.toString('latin1', 0, read)).split('\n');
      kept = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(fd);
  }
}

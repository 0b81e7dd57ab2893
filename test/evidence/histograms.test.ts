/** Histograms survive the log, for us and for the public reader, and merge without losing anything. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { HistogramLogReader } from 'hdr-histogram-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createHistogram,
  HISTOGRAM_LOG_HEADER,
  type Histogram,
  histogramLine,
  MEASURE_STAMP,
  mergeHistograms,
  percentileMs,
  readHistograms,
  recordUs,
  summarize,
} from '../../src/evidence/histograms.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-hlog-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const of = (...values: number[]): Histogram => {
  const histogram = createHistogram();
  for (const value of values) recordUs(histogram, value);
  return histogram;
};

function logOf(...lines: string[]): string {
  const path = join(folder, 'histograms.hlog');
  writeFileSync(path, HISTOGRAM_LOG_HEADER);
  for (const line of lines) appendFileSync(path, `${line}\n`);
  return path;
}

function read(path: string): [string, string, number, number][] {
  const found: [string, string, number, number][] = [];
  readHistograms(path, (load, metric, second, histogram) =>
    found.push([load, metric, second, histogram.totalCount]),
  );
  return found;
}

test('negative seconds and odd load names survive', () => {
  const names = ['checkout', 'a, b', 'x.y', 'Tag=1', 'größe', 'line\nend', '50%', '#'];
  const lines = names.map((name, i) => histogramLine(name, 'ack', i - 4, of(1, 2, 3)));
  expect(read(logOf(...lines))).toEqual(names.map((name, i) => [name, 'ack', i - 4, 3]));
});

test('the public reader reads every line, warm-up too', () => {
  const path = logOf(
    histogramLine('checkout', 'ack', -10, of(1500)),
    histogramLine('check out', 'service', 3, of(100, 200)),
  );
  const reader = new HistogramLogReader(readFileSync(path, 'utf8'));
  const found: [string, number, number][] = [];
  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
    found.push([next.tag, next.startTimeStampMsec / 1000 - MEASURE_STAMP, next.totalCount]);
  }
  expect(found).toEqual([
    ['checkout.ack', -10, 1],
    ['check%20out.service', 3, 2],
  ]);
});

test('a torn last line is ignored, a damaged one is told with its place', () => {
  const path = logOf(histogramLine('a', 'ack', 0, of(5)));
  appendFileSync(path, histogramLine('a', 'ack', 1, of(5)).slice(0, 30));
  expect(read(path)).toHaveLength(1);
  appendFileSync(path, '\n');
  expect(() => read(path)).toThrow(/hlog:5 is not a histogram/);
});

test('no samples are null and not zero', () => {
  expect(summarize(createHistogram())).toBeNull();
});

const values = fc.array(fc.integer({ min: 0, max: 600_000_000 }), { minLength: 1, maxLength: 400 });

test('percentiles are those of the sorted values to three digits, also after log and merge', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const path = logOf(
        histogramLine('a', 'ack', 0, of(...left)),
        histogramLine('a', 'ack', 1, of(...right)),
      );
      const parts: Histogram[] = [];
      readHistograms(path, (_load, _metric, _second, histogram) => parts.push(histogram));
      const merged = mergeHistograms(parts);
      const sorted = [...left, ...right].sort((a, b) => a - b);
      expect(merged.totalCount).toBe(sorted.length);
      for (const percentile of [50, 90, 99, 99.9, 100]) {
        const rank = Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9));
        const exact = (sorted[rank - 1] as number) / 1000;
        expect(Math.abs(percentileMs(merged, percentile) - exact)).toBeLessThanOrEqual(
          exact * 0.001 + 0.001,
        );
      }
    }),
    { numRuns: 30 },
  );
});

test('merging leaves its parts alone', () => {
  const part = of(1, 2);
  mergeHistograms([part, of(3)]);
  expect(part.totalCount).toBe(2);
});

test('a latency that clocks disagree about counts as zero', () => {
  expect(summarize(of(-3, 1000))?.max).toBe(1);
});

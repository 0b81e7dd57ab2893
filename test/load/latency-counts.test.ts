/** The counters against the histogram that they stand for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistogram, recordUs, summarize } from '../../src/evidence/histograms.ts';
import { LatencyCounts } from '../../src/load/latency-counts.ts';

test('say what a histogram of the same latencies says', () => {
  const latency = fc.oneof(
    fc.integer({ min: -5, max: 5000 }),
    fc.integer({ min: 0, max: 600_000_000 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(latency, fc.integer({ min: 1, max: 9 }))), (samples) => {
      const counts = new LatencyCounts();
      const expected = createHistogram();
      for (const [us, count] of samples) {
        counts.record(us, count);
        recordUs(expected, us, count);
      }
      const found = summarize(counts.toHistogram());
      const right = summarize(expected);
      expect({ ...found, mean: 0 }).toEqual({ ...right, mean: 0 });
    }),
  );
});

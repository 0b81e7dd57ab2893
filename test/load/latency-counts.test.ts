/** The counters against the histogram that they stand for. */
import fc from 'fast-check';
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { createHistogram, recordUs, summarize } from '../../src/evidence/histograms.ts';
import { LatencyCounts } from '../../src/load/latency-counts.ts';

/** As whoever reads the evidence finds it. */
const decoded = (counts: LatencyCounts) => decodeFromCompressedBase64(counts.encode(), 32);

test('a row of times at once is the same as one by one', () => {
  const times = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1 });
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 100_000_000 }), (given, untilUs) => {
      const ascending = Float64Array.from(given).sort();
      const together = new LatencyCounts();
      together.recordSince(ascending, 0, ascending.length, untilUs);
      const single = new LatencyCounts();
      for (const us of ascending) single.record(untilUs - us);
      expect(summarize(decoded(together))).toEqual(summarize(decoded(single)));
    }),
  );
});

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
      const found = summarize(decoded(counts));
      const read = decodeFromCompressedBase64(encodeIntoCompressedBase64(expected), 32);
      expect(found).toEqual(summarize(read));
      expect(counts.maxUs).toBe(samples.length === 0 ? -1 : expected.maxValue);
    }),
  );
});

/** The run clock counts whole microseconds from t0 on the machine's monotonic clock. */
import { expect, test } from 'vitest';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';

test('agrees with the monotonic clock to the microsecond', () => {
  const t0 = monotonicNs() - 5_000_000_000n;
  const clock = createClock(t0);
  const before = Number((monotonicNs() - t0) / 1000n);
  const now = clock.nowUs();
  const after = Number((monotonicNs() - t0) / 1000n);
  expect(Number.isInteger(now)).toBe(true);
  expect(now).toBeGreaterThanOrEqual(before - 1);
  expect(now).toBeLessThanOrEqual(after + 1);
});

test('is before zero before t0', () => {
  expect(createClock(monotonicNs() + 1_000_000_000n).nowUs()).toBeLessThan(0);
});

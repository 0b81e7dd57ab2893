/** What records cost a member that works on them. */
import { expect, test } from 'vitest';
import { recordsAtOnce, Work } from '../../src/load/work.ts';

test.each([
  [1, 20],
  [5, 4],
  [20, 1],
  [500, 1],
])('%d ms each: %d at a time', (processingMs, records) => {
  expect(recordsAtOnce(processingMs)).toBe(records);
});

test('one after the other', () => {
  const work = new Work(5);
  expect(work.take(4, 1_000_000)).toBe(20);
  // Another broker's answer, while the member is at it.
  expect(work.take(1, 1_000_000)).toBe(25);
  // After a rest it takes as long as ever.
  expect(work.take(4, 9_000_000)).toBe(20);
});

test('what timers are late is made up, so that the pace is what was asked for', () => {
  const work = new Work(5);
  let nowUs = 0;
  for (let i = 0; i < 100; i++) nowUs += work.take(4, nowUs) * 1000 + 1200;
  expect(nowUs).toBeLessThan(100 * 20_000 + 2000);
  expect(nowUs).toBeGreaterThanOrEqual(100 * 20_000);
});

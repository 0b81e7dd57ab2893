/** The set of intervals against a set of integers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntervalSet } from '../../src/verify/interval-set.ts';

const ranges = fc.array(fc.tuple(fc.nat(200), fc.nat(12)), { maxLength: 60 });

test('is what a set of its integers is', () => {
  fc.assert(
    fc.property(ranges, fc.nat(200), fc.nat(60), (added, from, length) => {
      const intervals = new IntervalSet();
      const integers = new Set<number>();
      for (const [start, count] of added) {
        intervals.add(start, start + count);
        for (let i = start; i < start + count; i++) integers.add(i);
      }
      const sorted = [...integers].sort((a, b) => a - b);
      expect(intervals.size).toBe(integers.size);
      expect(intervals.first).toBe(sorted[0] ?? null);
      expect(intervals.end).toBe((sorted.at(-1) ?? -1) + 1);
      expect(intervals.has(from)).toBe(integers.has(from));
      const inside: number[] = [];
      const outside: number[] = [];
      const into = (list: number[]) => (low: number, high: number) => {
        for (let i = low; i < high; i++) list.push(i);
      };
      intervals.split(from, from + length, into(inside), into(outside));
      expect(inside).toEqual(sorted.filter((i) => i >= from && i < from + length));
      expect([...inside, ...outside].sort((a, b) => a - b)).toEqual(
        Array.from({ length }, (_, i) => from + i),
      );
    }),
  );
});

test('gives room back when its pieces grow together', () => {
  const intervals = new IntervalSet();
  for (let i = 0; i < 1000; i++) intervals.add(2 * i, 2 * i + 1);
  expect(intervals.bytes).toBeGreaterThanOrEqual(16_000);
  for (let i = 0; i < 1000; i++) intervals.add(2 * i + 1, 2 * i + 2);
  expect(intervals.bytes).toBeLessThan(400);
});

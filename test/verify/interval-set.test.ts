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

test('is so too where most of it is packed, and what comes late is put in its place', () => {
  const late = fc.array(fc.tuple(fc.nat(12_000), fc.nat(60)), { maxLength: 20 });
  fc.assert(
    fc.property(late, fc.nat(12_000), fc.nat(3000), (added, from, length) => {
      const intervals = new IntervalSet();
      const members = new Uint8Array(16_384);
      const add = (start: number, end: number): void => {
        intervals.add(start, end);
        members.fill(1, start, end);
      };
      for (let i = 0; i < 4000; i++) add(3 * i, 3 * i + 1 + (i % 2));
      for (const [start, count] of added) add(start, start + count);
      expect(intervals.size).toBe(members.reduce((sum, one) => sum + one, 0));
      expect([intervals.first, intervals.end]).toEqual([
        members.indexOf(1),
        members.lastIndexOf(1) + 1,
      ]);
      expect(intervals.has(from)).toBe(members[from] === 1);
      const seen: number[] = [];
      let at = from;
      const into = (value: number) => (low: number, high: number) => {
        // In order, without a hole, each as long as can be.
        if (low !== at || high <= low || seen.at(-1) === value) seen.push(-1);
        if (members.subarray(low, high).some((one) => one !== value)) seen.push(-2);
        seen.push(value);
        at = high;
      };
      intervals.split(from, from + length, into(1), into(0));
      expect([at, seen.filter((one) => one < 0)]).toEqual([from + length, []]);
    }),
  );
});

test('a hundred thousand intervals take three bytes each', () => {
  const intervals = new IntervalSet();
  for (let i = 0; i < 100_000; i++) intervals.add(21 * i, 21 * i + 20);
  expect(intervals.bytes).toBeLessThan(310_000);
  expect(intervals.size).toBe(2_000_000);
});

test('gives room back when its pieces grow together', () => {
  const intervals = new IntervalSet();
  for (let i = 0; i < 1000; i++) intervals.add(2 * i, 2 * i + 1);
  expect(intervals.bytes).toBeGreaterThan(5000);
  for (let i = 0; i < 1000; i++) intervals.add(2 * i + 1, 2 * i + 2);
  expect(intervals.bytes).toBeLessThan(1000);
});

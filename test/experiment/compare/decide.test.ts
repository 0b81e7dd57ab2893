import { expect, test } from 'vitest';
import { decide, holm, RESOLUTION } from '../../../src/experiment/compare/decide.ts';
import { fromPairs, fromTwoSides } from '../../../src/experiment/compare/estimate.ts';
import { isLastLookDue, isLookDue, shareOfLook } from '../../../src/experiment/compare/looks.ts';

const RULES = { error: 0.05, practical: 0.1 };

// The worked example of Holm (1979) as textbooks give it: 0.05/4, 0.05/3, 0.05/2, 0.05.
test('Holm steps down and stops at the first that stands', () => {
  const levels = holm([0.01, 0.04, 0.03, 0.005], 0.05);
  expect(levels.map(({ isRejected }) => isRejected)).toEqual([true, false, false, true]);
  expect(levels.map(({ level }) => level)).toEqual([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4]);
  // Each falls at its own step; an even share, 0.0125, would leave all but the first.
  const steps = holm([0.01, 0.015, 0.02, 0.03], 0.05);
  expect(steps.every(({ isRejected }) => isRejected)).toBe(true);
  expect(holm([0.001, 0.001], 0.05).every(({ isRejected }) => isRejected)).toBe(true);
});

test('the shares of all looks ever make one', () => {
  const shares = Array.from({ length: 10_000 }, (_, i) => shareOfLook(i + 1));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 3);
});

test('looks have their times, and there is one more at the end', () => {
  expect([3, 4, 5, 6, 7].filter((pairs) => isLookDue(pairs, []))).toEqual([4, 6]);
  expect(isLookDue(4, [4])).toBe(false);
  expect(isLastLookDue(5, [4])).toBe(true);
  expect(isLastLookDue(4, [4])).toBe(false);
  expect(isLastLookDue(3, [])).toBe(false);
});

test('pairs cancel a drift, whatever its size', () => {
  const ratios = [0.5, -0.5, 0.5, -0.5, 0.5].map((drift, i) => ({
    value: 0.2 + drift,
    first: i % 2 === 0 ? ('base' as const) : ('candidate' as const),
  }));
  const estimate = fromPairs(ratios);
  expect(estimate?.mean).toBeCloseTo(0.2, 9);
  expect(estimate?.standardError).toBeLessThan(0.001);
  // Without the change of who goes first the drift is a difference.
  expect(fromPairs(ratios.map(({ value }) => ({ value, first: 'base' as const })))).toBeNull();
});

test('too few runs say nothing of their spread', () => {
  expect(fromPairs([{ value: 1, first: 'base' }])).toBeNull();
  expect(fromTwoSides([1], [1, 2, 3])).toBeNull();
});

const spread = { standardError: 0.01, freedom: 10 };
const verdictOf = (mean: number, better: 'higher' | 'lower', estimate = spread) =>
  decide([{ name: 'x', better, estimate: { mean, ...estimate } }], RULES, 1)[0];

test('a direction is good or bad by its metric', () => {
  expect(verdictOf(0.1, 'lower')?.verdict).toBe('worse');
  expect(verdictOf(0.1, 'higher')?.verdict).toBe('better');
  expect(verdictOf(-0.1, 'lower')?.verdict).toBe('better');
  expect(verdictOf(-0.1, 'higher')?.verdict).toBe('worse');
});

test('what lies between is no difference, or not known, and says what would have shown', () => {
  expect(verdictOf(0.01, 'lower')?.verdict).toBe('no difference');
  const wide = verdictOf(0.01, 'lower', { standardError: 0.2, freedom: 10 });
  expect(wide?.verdict).toBe('inconclusive');
  // (2.228 + 1.372) standard errors, and the resolution.
  expect(wide?.detectable).toBeCloseTo((1 + RESOLUTION) * Math.exp(0.2 * 3.6) - 1, 2);
  expect(wide?.interval?.low).toBeCloseTo(Math.exp(0.01 - 0.2 * 2.228) - 1, 2);
});

test('a difference below what can be measured is none, however often it is seen', () => {
  const sure = { standardError: 1e-6, freedom: 40 };
  expect(verdictOf(0.004, 'lower', sure)?.verdict).toBe('no difference');
  expect(verdictOf(0.006, 'lower', sure)?.verdict).toBe('worse');
});

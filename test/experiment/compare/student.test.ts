import { expect, test } from 'vitest';
import { criticalT, tails } from '../../../src/experiment/compare/student.ts';

// Closed forms: one degree of freedom is Cauchy's distribution, two are algebraic.
test.each([0.001, 0.5, 1, 3, 40, 5000])(
  'the tails beyond %d are those of the closed forms',
  (t) => {
    expect(tails(t, 1) / (1 - (2 * Math.atan(t)) / Math.PI)).toBeCloseTo(1, 6);
    expect(tails(t, 2) / (1 - t / Math.sqrt(2 + t * t))).toBeCloseTo(1, 6);
  },
);

// From published tables of the t distribution, both tails together.
test.each([
  [0.05, 10, 2.228],
  [0.01, 10, 3.169],
  [0.001, 10, 4.587],
  [0.05, 4, 2.776],
  [0.001, 4, 8.61],
  [0.01, 30, 2.75],
  [0.001, 120, 3.373],
])('at level %d with %d degrees of freedom it is %d', (level, freedom, t) => {
  expect(criticalT(level, freedom)).toBeCloseTo(t, 2);
});

test('far out both are each other’s inverse', () => {
  for (const level of [1e-8, 1e-5, 0.3]) {
    for (const freedom of [1, 2, 7, 30]) {
      expect(tails(criticalT(level, freedom), freedom) / level).toBeCloseTo(1, 6);
    }
  }
});

test('what cannot be by chance has no tails', () => {
  expect(tails(Infinity, 3)).toBe(0);
  expect(tails(0, 3)).toBe(1);
});

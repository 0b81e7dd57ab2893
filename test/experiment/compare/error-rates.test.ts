/** The stated error rates, counted on systems whose difference is known. */
import { expect, test } from 'vitest';
import { decide } from '../../../src/experiment/compare/decide.ts';
import { fromTwoSides } from '../../../src/experiment/compare/estimate.ts';
import { createRandom } from '../../../src/lib/random.ts';
import { cauchy, heavyTailed, normal, RULES, type Simulated, simulate } from './simulated.ts';

/** Seeded: the same ones every time. */
const COMPARISONS = 300;

const claims = (system: Simulated, comparisons = COMPARISONS, rules = RULES) => {
  const all = Array.from({ length: comparisons }, () => simulate(system, rules));
  const share = (of: (one: ReturnType<typeof simulate>) => boolean): number =>
    all.filter(of).length / comparisons;
  return {
    differs: share(({ verdicts }) => verdicts.some((one) => one === 'better' || one === 'worse')),
    worse: share(({ verdicts }) => verdicts.every((one) => one === 'worse')),
    better: share(({ verdicts }) => verdicts.some((one) => one === 'better')),
    same: share(({ verdicts }) => verdicts.every((one) => one === 'no difference')),
    pairs: all.reduce((sum, { pairs }) => sum + pairs, 0) / comparisons,
  };
};

const random = createRandom(7, 'error rates');

test.each<[string, () => number, number]>([
  ['quiet', normal(random, 0.01), 0],
  ['noisy', normal(random, 0.15), 0],
  ['drifting', normal(random, 0.02), 0.05],
  ['heavy-tailed', heavyTailed(random, 0.03), 0],
  ['heavy-tailed and drifting', heavyTailed(random, 0.03), 0.02],
  ['without a mean', cauchy(random, 0.05), 0],
])('a %s system compared with itself differs almost never', (_name, noise, drift) => {
  const { differs } = claims({ metrics: 8, pairs: 32, difference: 0, noise, drift });
  expect(differs).toBeLessThanOrEqual(RULES.error);
});

test('the rate is used, not only kept: a lax rule is wrong more often', () => {
  const noise = normal(random, 0.05);
  const lax = { error: 0.5, practical: 0.1 };
  const system = { metrics: 1, pairs: 12, difference: 0, noise, drift: 0 };
  const differs = Array.from({ length: 400 }, () => simulate(system, lax)).filter(({ verdicts }) =>
    verdicts.some((one) => one === 'better' || one === 'worse'),
  ).length;
  expect(differs / 400).toBeGreaterThan(0.1);
  expect(differs / 400).toBeLessThan(0.5);
});

test.each([0, 0.03])(
  'with a drift of %d a difference of 3 in 100 is found nine times in ten',
  (drift) => {
    const noise = normal(random, 0.014);
    const system = { metrics: 8, pairs: 32, difference: Math.log(1.03), noise, drift };
    const sought = { ...RULES, practical: 0.02 };
    const { worse, better } = claims(system, 200, sought);
    expect(worse).toBeGreaterThan(0.9);
    expect(better).toBe(0);
  },
);

test('a big difference is found at once, and most of a system’s likeness to itself soon', () => {
  const big = claims(
    { metrics: 8, pairs: 32, difference: 3, noise: normal(random, 0.05), drift: 0 },
    200,
  );
  expect(big.worse).toBe(1);
  expect(big.pairs).toBeLessThan(7);
  const same = claims(
    { metrics: 8, pairs: 32, difference: 0, noise: normal(random, 0.02), drift: 0.01 },
    200,
  );
  expect(same.same).toBeGreaterThan(0.95);
  expect(same.pairs).toBeLessThan(10);
});

test('that there is no difference is wrongly claimed of one of 10 % in at most 5 %', () => {
  const noise = normal(random, 0.05);
  const system = { metrics: 1, pairs: 32, difference: Math.log(1.1), noise, drift: 0 };
  expect(claims(system).same).toBeLessThan(0.07);
});

test.each<[string, () => number]>([
  ['quiet', normal(random, 0.01)],
  ['heavy-tailed', heavyTailed(random, 0.03)],
])('runs of two days of a %s system differ almost never, when the days do not', (_name, noise) => {
  const side = (runs: number) => Array.from({ length: runs }, noise);
  const questions = () =>
    Array.from({ length: 8 }, (_, i) => ({
      name: `metric ${i}`,
      better: 'lower' as const,
      estimate: fromTwoSides(side(4), side(10)),
    }));
  const wrong = Array.from({ length: COMPARISONS }, () => decide(questions(), RULES, 1)).filter(
    (decisions) => decisions.some(({ verdict }) => verdict === 'better' || verdict === 'worse'),
  );
  expect(wrong.length / COMPARISONS).toBeLessThanOrEqual(RULES.error);
});

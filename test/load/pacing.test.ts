/** Pacing is a pure function: nothing here waits for anything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPacing } from '../../src/load/pacing.ts';
import type { Rate } from '../../src/scenario/traffic.ts';

const constant = (perSecond: number): Rate => ({ kind: 'constant', perSecond });
const stages = (fromPerSecond: number, ...ramps: [to: number, overMs: number][]): Rate => ({
  kind: 'stages',
  fromPerSecond,
  stages: ramps.map(([toPerSecond, overMs]) => ({ toPerSecond, overMs })),
});

describe('intended times', () => {
  test.each([
    [constant(1000), [0, 1000, 2000, 3000]],
    [constant(3), [0, 333_333, 666_666, 1_000_000]],
    [constant(0.5), [0, 2_000_000, 4_000_000, 6_000_000]],
    // 0 → 2/s over 2 s is t²/2 records, then 2/s.
    [stages(0, [2, 2000]), [0, 1_414_213, 2_000_000, 2_500_000]],
    // 4 → 0 over 1 s is 2 records, then nothing.
    [stages(4, [0, 1000]), [0, 292_893, 1_000_000, Number.POSITIVE_INFINITY]],
    // A plateau of nothing between two rates.
    [stages(1, [1, 1000], [0, 0], [0, 1000], [2, 0]), [0, 1_000_000, 2_500_000, 3_000_000]],
    [constant(0), [0, Number.POSITIVE_INFINITY]],
  ])('%j', (rate, expected) => {
    const pacing = createPacing(rate, 'constant', 1);
    const first = rate.kind === 'constant' && rate.perSecond === 0 ? 1 : 0;
    for (let i = first; i < expected.length; i++) {
      expect(pacing.intendedUs(i)).toBe(expected[i]);
    }
  });

  test('a ramp sends the integral of its rate', () => {
    const pacing = createPacing(stages(1000, [5000, 10_000]), 'constant', 1);
    expect(pacing.dueBy(10_000_000 - 1)).toBe(30_000);
    expect(pacing.dueBy(11_000_000 - 1)).toBe(35_000);
  });

  test('`max` has none', () => {
    const pacing = createPacing({ kind: 'max' }, 'constant', 1);
    expect(pacing.paced).toBe(false);
  });
});

const anyRate = fc.oneof(
  fc.double({ min: 0.1, max: 200_000, noNaN: true }).map(constant),
  fc
    .tuple(
      fc.integer({ min: 0, max: 5000 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 3000 })), {
        maxLength: 4,
      }),
    )
    .map(([from, ramps]) => stages(from, ...ramps)),
);

describe.each(['constant', 'poisson'] as const)('%s arrivals', (arrival) => {
  test('dueBy counts exactly the records intended by then, and times never decrease', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(
        anyRate,
        fc.integer(),
        fc.integer({ max: 2_000_000, min: -10 }),
        (rate, seed, at) => {
          const pacing = createPacing(rate, arrival, seed);
          const due = pacing.dueBy(at);
          if (due > 0) expect(pacing.intendedUs(due - 1)).toBeLessThanOrEqual(at);
          expect(pacing.intendedUs(due)).toBeGreaterThan(at);
          for (let i = 1; i < Math.min(due, 50); i++) {
            expect(pacing.intendedUs(i)).toBeGreaterThanOrEqual(pacing.intendedUs(i - 1));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('poisson', () => {
  const pacing = createPacing(constant(10_000), 'poisson', 7);

  test('has the rate, and gaps as random as they should be', () => {
    const gaps = Array.from(
      { length: 50_000 },
      (_, i) => pacing.intendedUs(i + 1) - pacing.intendedUs(i),
    );
    const mean = gaps.reduce((a, b) => a + b) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeGreaterThan(98);
    expect(mean).toBeLessThan(102);
    // The standard deviation of an exponential is its mean.
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.97);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.03);
  });

  test('is the same again with the same seed, in any order, and another with another', () => {
    const again = createPacing(constant(10_000), 'poisson', 7);
    expect(again.intendedUs(90_000)).toBe(pacing.intendedUs(90_000));
    expect(again.intendedUs(3)).toBe(pacing.intendedUs(3));
    expect(again.dueBy(4_000_000)).toBe(pacing.dueBy(4_000_000));
    const other = createPacing(constant(10_000), 'poisson', 8);
    expect(other.intendedUs(3)).not.toBe(pacing.intendedUs(3));
  });
});

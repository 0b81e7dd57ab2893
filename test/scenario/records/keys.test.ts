/** Keys are reproducible and follow their law. */
import { expect, test } from 'vitest';
import { createKeys } from '../../../src/scenario/records/keys.ts';
import type { KeyModel } from '../../../src/scenario/traffic.ts';

function counts(model: KeyModel, draws: number): number[] {
  const keyOf = createKeys(model, 3);
  const found: number[] = [];
  for (let index = 0; index < draws; index++) {
    const rank = Number(String(keyOf(index)));
    found[rank] = (found[rank] ?? 0) + 1;
  }
  return found;
}

test('no keys', () => {
  expect(createKeys({ kind: 'none' }, 1)(5)).toBeNull();
});

test('uniform keys are all drawn, about equally', () => {
  const found = counts({ kind: 'uniform', count: 20 }, 40_000);
  expect(found).toHaveLength(20);
  for (const count of found) expect(Math.abs(count - 2000)).toBeLessThan(300);
});

test.each([0.5, 1, 1.5])('zipf with exponent %d', (exponent) => {
  const found = counts({ kind: 'zipf', count: 100, exponent }, 100_000);
  const ratio = (found[0] ?? 0) / (found[9] ?? 1);
  expect(ratio / 10 ** exponent).toBeGreaterThan(0.8);
  expect(ratio / 10 ** exponent).toBeLessThan(1.25);
  expect(found.length).toBeLessThanOrEqual(100);
});

test.each([0.5, 1, 1.5])(
  'the tail of many keys joins the head, exponent %d',
  { timeout: 60_000 },
  (exponent) => {
    const found = counts({ kind: 'zipf', count: 1_000_000, exponent }, 200_000);
    const between = (from: number, to: number): number => {
      let sum = 0;
      for (let rank = from; rank < to; rank++) sum += found[rank] ?? 0;
      return sum;
    };
    let expected = 0;
    let all = 0;
    for (let rank = 0; rank < 1_000_000; rank++) {
      const weight = (rank + 1) ** -exponent;
      all += weight;
      if (rank >= 10_000) expected += weight;
    }
    const share = between(10_000, 1_000_000) / 200_000;
    expect(Math.abs(share - expected / all)).toBeLessThan(0.01);
    expect(found.length).toBeLessThanOrEqual(1_000_000);
  },
);

test('the same seed gives the same keys in any order, another seed others', () => {
  const model: KeyModel = { kind: 'uniform', count: 1_000_000 };
  const [one, same, other] = [createKeys(model, 1), createKeys(model, 1), createKeys(model, 2)];
  expect(String(same(123_456_789_012))).toBe(String(one(123_456_789_012)));
  const differ = Array.from({ length: 20 }, (_, i) => String(one(i)) !== String(other(i)));
  expect(differ.filter(Boolean).length).toBeGreaterThan(17);
});

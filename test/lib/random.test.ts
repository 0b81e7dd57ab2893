/** The same seed and label give the same draws; another label gives others. */
import { expect, test } from 'vitest';
import { createRandom } from '../../src/lib/random.ts';

const draws = (seed: number, label: string): number[] => {
  const random = createRandom(seed, label);
  return Array.from({ length: 1000 }, () => random.next());
};

test('repeats itself', () => {
  expect(draws(7, 'keys')).toEqual(draws(7, 'keys'));
  expect(draws(7, 'keys')).not.toEqual(draws(7, 'sizes'));
  expect(draws(7, 'keys')).not.toEqual(draws(8, 'keys'));
});

test('is uniform enough: every tenth of [0, 1) gets its share', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const draw of draws(1, 'x'))
    counts[Math.floor(draw * 10)] = (counts[Math.floor(draw * 10)] ?? 0) + 1;
  for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(50);
});

test('below stays below', () => {
  const random = createRandom(3, 'below');
  for (let i = 0; i < 1000; i++) expect(random.below(3)).toBeOneOf([0, 1, 2]);
});

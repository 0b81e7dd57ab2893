/** Workers share a load without talking: together they offer every record once. */
import { expect, test } from 'vitest';
import { indexOfNth, routeOf } from '../../src/load/offers.ts';
import { createKeys } from '../../src/scenario/records/keys.ts';

const share = (members: number[], run = 1) => ({
  producers: 5,
  partitions: 3,
  members,
  keyOf: createKeys({ kind: 'none' }, 1),
  run,
});

test('the shares of all workers are the whole load, and everyone offers for its own producers', () => {
  const indices = [
    ...Array.from({ length: 60 }, (_, nth) => indexOfNth(nth, share([0, 2, 4]))),
    ...Array.from({ length: 40 }, (_, nth) => indexOfNth(nth, share([1, 3]))),
  ];
  expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  for (let nth = 0; nth < 40; nth++) {
    expect([1, 3]).toContain(routeOf(indexOfNth(nth, share([1, 3])), share([1, 3])).producer);
  }
});

test('keyless records go round in runs', () => {
  const ofProducer1 = [1, 6, 11, 16, 21, 26, 31, 36];
  const partitions = ofProducer1.map((index) => routeOf(index, share([1], 2)).partition);
  expect(partitions).toEqual([1, 1, 2, 2, 0, 0, 1, 1]);
});

test('keyed records follow their key', () => {
  const keyed = { ...share([0]), keyOf: createKeys({ kind: 'uniform', count: 10 }, 1) };
  const byKey = new Map<string, Set<number>>();
  for (let index = 0; index < 500; index++) {
    const key = String(keyed.keyOf(index));
    byKey.set(key, (byKey.get(key) ?? new Set()).add(routeOf(index, keyed).partition));
  }
  expect(byKey.size).toBe(10);
  for (const partitions of byKey.values()) expect(partitions.size).toBe(1);
});

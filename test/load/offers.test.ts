/** Producers share a load without talking: together they offer every record once. */
import { expect, test } from 'vitest';
import { countBefore, inARow, indexOfNth, partitionOfNth } from '../../src/load/offers.ts';
import { createKeys } from '../../src/scenario/records/keys.ts';

const share = (run = 1) => ({
  producers: 5,
  partitions: 3,
  keyOf: createKeys({ kind: 'none' }, 1),
  keyed: false,
  run,
});

test('the shares of all producers are the whole load', () => {
  const indices = [0, 1, 2, 3, 4].flatMap((producer) =>
    Array.from({ length: 20 }, (_, nth) => indexOfNth(nth, producer, share())),
  );
  expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test("how many records before an index are a producer's", () => {
  for (const producer of [0, 1, 4]) {
    for (let index = 0; index < 30; index++) {
      const before = Array.from({ length: 30 }, (_, nth) => indexOfNth(nth, producer, share()));
      const expected = before.filter((one) => one < index).length;
      expect(countBefore(index, producer, share())).toBe(expected);
    }
  }
});

test('keyless records go round in runs', () => {
  const nths = [0, 1, 2, 3, 4, 5, 6, 7];
  const partitions = nths.map((nth) => partitionOfNth(nth, 1, share(2)));
  expect(partitions).toEqual([1, 1, 2, 2, 0, 0, 1, 1]);
  expect(nths.map((nth) => inARow(nth, share(2)))).toEqual([2, 1, 2, 1, 2, 1, 2, 1]);
});

test('keyed records follow their key', () => {
  const keyOf = createKeys({ kind: 'uniform', count: 10 }, 1);
  const keyed = { ...share(), keyOf, keyed: true };
  const byKey = new Map<string, Set<number>>();
  for (let nth = 0; nth < 500; nth++) {
    const key = String(keyOf(indexOfNth(nth, 0, keyed)));
    byKey.set(key, (byKey.get(key) ?? new Set()).add(partitionOfNth(nth, 0, keyed)));
  }
  expect(byKey.size).toBe(10);
  for (const partitions of byKey.values()) expect(partitions.size).toBe(1);
  expect(inARow(7, keyed)).toBe(1);
});

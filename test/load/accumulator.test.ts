/** Linger and batch size as Java's producer means them. */
import { expect, test } from 'vitest';
import { dueNow, MAX_SLICE_RECORDS } from '../../src/load/accumulator.ts';

const batching = { lingerUs: 5000, batchBytes: 1000 };
const due = (count: number, age: number, size = 90, given = batching): number =>
  dueNow({ first: 7, count, offeredUs: 100 }, 100 + age, given, () => size);

test.each([
  ['waits while it lingers', due(3, 4999), 0],
  ['goes when the linger is over', due(3, 5000), 3],
  ['goes at once when the batch is full', due(10, 0), 10],
  ['takes no more than a batch', due(25, 0), 10],
  ['sends a record that is larger than a batch', due(2, 0, 5000), 1],
  ['sends at once without linger', due(1, 0, 90, { lingerUs: 0, batchBytes: 1000 }), 1],
  ['batch.size 0 sends single records', due(3, 0, 90, { lingerUs: 5000, batchBytes: 0 }), 1],
  ['bounds tiny records', due(9999, 0, 0, { lingerUs: 0, batchBytes: 1e9 }), MAX_SLICE_RECORDS],
])('%s', (_, found, expected) => {
  expect(found).toBe(expected);
});

test('sizes are asked by sequence', () => {
  const asked: number[] = [];
  dueNow({ first: 7, count: 3, offeredUs: 0 }, 9999, batching, (sequence) => asked.push(sequence));
  expect(asked).toEqual([7, 8, 9]);
});

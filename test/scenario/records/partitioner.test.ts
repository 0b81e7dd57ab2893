/** Murmur2 against the vectors of Kafka's own UtilsTest. */
import { expect, test } from 'vitest';
import { murmur2, partitionOfKey, roundRobin } from '../../../src/scenario/records/partitioner.ts';

test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('a negative hash still gives a partition', () => {
  expect(partitionOfKey(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
});

test('round robin fills all partitions evenly', () => {
  const counts = [0, 0, 0];
  for (let nth = 0; nth < 30; nth++) {
    const partition = roundRobin(nth, 1, 3, 5);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(counts).toEqual([10, 10, 10]);
});

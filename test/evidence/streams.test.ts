import { describe, expect, it } from 'vitest';
import { createStreamTable, numberOfRelayed, relayedStream } from '../../src/evidence/streams.ts';

const topics = { in: { partitions: 2 }, aside: { partitions: 1 }, out: { partitions: 3 } };
const loads = [
  { name: 'aside', topic: 'aside', producers: 1 },
  { name: 'orders', topic: 'in', producers: 2 },
];
const relays = [
  { name: 'bank', topic: 'in', to: 'out', legs: 2 },
  { name: 'mirror', topic: 'aside', to: 'out', legs: 1 },
];

describe('streams of relays', () => {
  const table = createStreamTable(7, topics, loads, relays);

  it('leave the producers\u2019 streams as they are without them', () => {
    const plain = createStreamTable(7, topics, loads);
    expect(table.streams).toEqual(plain.streams);
    expect(plain).not.toHaveProperty('relayed');
  });

  it('are one for each leg of each stream of the input topic', () => {
    expect(table.streams).toHaveLength(5);
    expect(table.relayed?.map(({ load, source, leg }) => [load, source, leg])).toEqual([
      ...[1, 2, 3, 4].flatMap((source) => [
        ['bank', source, 0],
        ['bank', source, 1],
      ]),
      ['mirror', 0, 0],
    ]);
  });

  it('are numbered behind the producers\u2019, one to one', () => {
    const numbers = table.relayed?.map((one) => numberOfRelayed(table, one));
    expect(numbers).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(numbers?.map((number) => relayedStream(table, number ?? -1))).toEqual(table.relayed);
  });

  it('are not found under numbers of others', () => {
    for (const number of [-1, 0, 4, 14]) expect(relayedStream(table, number)).toBeUndefined();
    expect(numberOfRelayed(table, { load: 'bank', source: 0, leg: 0 })).toBeUndefined();
    expect(numberOfRelayed(table, { load: 'mirror', source: 0, leg: 1 })).toBeUndefined();
  });

  it('are none in the table of a run without relays', () => {
    const { relayed: _, ...old } = table;
    expect(relayedStream(old, 5)).toBeUndefined();
    expect(numberOfRelayed(old, { load: 'bank', source: 1, leg: 0 })).toBeUndefined();
  });
});

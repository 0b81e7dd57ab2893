/** How a power loss cuts logs: by records, by bytes, in whole batches, above what was synced. */
import { describe, expect, test } from 'vitest';
import {
  cutOf,
  endOffset,
  knownPlaces,
  newestSegments,
  placeBefore,
  recoveryPoints,
} from '../../src/faults/log-tail.ts';
import type { Tail } from '../../src/scenario/scenario.ts';
import { encodeBatch } from '../../src/wire/encode-batch.ts';

/** Ten batches of ten records, the first at offset 1000. */
const BATCHES = await Promise.all(
  Array.from({ length: 10 }, (_, i) =>
    encodeBatch({
      baseOffset: 1000 + i * 10,
      records: Array.from({ length: 10 }, () => ({ value: Buffer.alloc(20) })),
    }),
  ),
);
const LOG = Buffer.concat(BATCHES);
const BATCH = BATCHES[0]?.length as number;
const SEGMENT = {
  topic: 'orders',
  partition: 0,
  file: 'orders-0/00000000000000001000.log',
  base: 1000,
  size: LOG.length,
};

describe('a cut', () => {
  const records = (count: number): Tail => ({ kind: 'records', records: count });
  const bytes = (count: number): Tail => ({ kind: 'bytes', bytes: count });

  test.each([
    ['one record', records(1), 0, 1],
    ['a batch of records', records(10), 0, 1],
    ['a record more', records(11), 0, 2],
    ['everything', records(1e6), 0, 10],
    ['one byte', bytes(1), 0, 1],
    ['a batch of bytes', bytes(BATCH), 0, 1],
    ['a byte more', bytes(BATCH + 1), 0, 2],
    ['only what was not synced', records(1e6), 1050, 5],
    ['nothing of a batch that was synced in part', records(1e6), 1051, 4],
    ['nothing when all was synced', records(10), 1100, 0],
  ])('takes %s', (_, lose, synced, lost) => {
    expect(cutOf(LOG, 0, lose, synced)).toEqual({
      size: LOG.length - lost * BATCH,
      from: lost === 0 ? null : 1100 - lost * 10,
      lostRecords: lost * 10,
      lostBytes: lost * BATCH,
    });
  });

  test('is the same when only the end of the file is read', () => {
    const from = 6 * BATCH;
    expect(cutOf(LOG.subarray(from), from, records(15), 0)).toEqual(cutOf(LOG, 0, records(15), 0));
  });

  test('takes a torn batch, which a killed broker may leave, with the rest', () => {
    const torn = LOG.subarray(0, LOG.length - 5);
    expect(cutOf(torn, 0, records(1), 0)).toMatchObject({ size: 8 * BATCH, lostRecords: 10 });
  });

  test('of an empty file is none', () => {
    expect(cutOf(Buffer.alloc(0), 0, records(1), 0)).toEqual({
      size: 0,
      from: null,
      lostRecords: 0,
      lostBytes: 0,
    });
    expect(endOffset(Buffer.alloc(0))).toBeNull();
  });
});

describe('places', () => {
  const index = Buffer.alloc(80);
  index.writeInt32BE(30, 0);
  index.writeInt32BE(3 * BATCH, 4);
  index.writeInt32BE(70, 8);
  index.writeInt32BE(7 * BATCH, 12);
  const places = knownPlaces(index, SEGMENT);

  test('come from the index, up to its unused end', () => {
    expect(places).toEqual([
      { offset: 1000, position: 0 },
      { offset: 1030, position: 3 * BATCH },
      { offset: 1070, position: 7 * BATCH },
    ]);
  });

  test.each([
    [{ kind: 'records', records: 30 } as const, 1070],
    [{ kind: 'records', records: 31 } as const, 1030],
    [{ kind: 'records', records: 1e6 } as const, 1000],
    [{ kind: 'bytes', bytes: 3 * BATCH } as const, 1070],
    [{ kind: 'bytes', bytes: 3 * BATCH + 1 } as const, 1030],
    [{ kind: 'bytes', bytes: 1e9 } as const, 1000],
  ])('the last before %j', (lose, offset) => {
    expect(placeBefore(places, lose, SEGMENT, endOffset(LOG) as number).offset).toBe(offset);
  });
});

test('segments: the newest of each partition that holds anything', () => {
  const listing = [
    '  300 orders-0/00000000000000000000.log',
    '1200 orders-0/00000000000000001000.log',
    '0 orders-1/00000000000000000000.log',
    '5 a-b.c_d-12/00000000000000000007.log',
    '9 __cluster_metadata-0/00000000000000000000.log',
    'wc: something else',
  ].join('\n');
  expect(
    newestSegments(listing).map(({ topic, partition, base }) => [topic, partition, base]),
  ).toEqual([
    ['orders', 0, 1000],
    ['a-b.c_d', 12, 7],
    ['__cluster_metadata', 0, 0],
  ]);
});

test('recovery points', () => {
  expect([...recoveryPoints('0\n2\norders 0 1234\na-b 12 5\n')]).toEqual([
    ['orders/0', 1234],
    ['a-b/12', 5],
  ]);
});

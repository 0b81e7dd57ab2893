/** Batches out of the template against the codec that everything else uses. */
import { expect, test } from 'vitest';
import { BatchTemplate } from '../../../src/clients/native/batch-template.ts';
import { LeadingTemplate } from '../../../src/clients/native/leading-template.ts';
import { RequestBuffer } from '../../../src/clients/native/request-buffer.ts';
import { STAMP_BYTES, StampReader, writeStamp } from '../../../src/payload/stamp.ts';
import {
  BATCH_HEADER_BYTES,
  crcMatches,
  readBatchHeader,
  readHeaders,
  visitRecords,
} from '../../../src/wire/batch.ts';
import { assembleBatch, encodeRecords } from '../../../src/wire/encode-batch.ts';

const RUN_ID = 0xfeed_beef;
const NOW_MS = 1_795_000_000_123;

const filler = (i: number, bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (i * 31 + at * 7) & 0xff));

const valuesOf = (bytes: number) => ({
  runId: RUN_ID,
  bytes,
  sample: (i: number) => filler(i, bytes),
  intendedUs: (_: number, sequence: number) => intendedUs(sequence),
  intendedInto: () => {},
  spacingUs: () => null,
});

const intendedUs = (sequence: number): number => sequence * 6.6 + 5_000_000_000;

function bothWays(
  bytes: number,
  count: number,
  firstSequence: number,
  headers: Record<string, string> = {},
) {
  const intendedInto = (_: number, first: number, n: number, into: Float64Array): void => {
    for (let i = 0; i < n; i++) into[i] = Math.floor(intendedUs(first + i));
  };
  const values = { ...valuesOf(bytes), intendedInto };
  const template = new BatchTemplate(values, headers);
  const slice = { stream: 4_000_000_007, partition: 3, firstSequence, count };
  const numbers = { producerId: 5_000_000_017, epoch: 7, sequence: 2_147_483_640 };
  const out = new RequestBuffer();
  out.append(Buffer.from('in front'));
  out.ensure(template.bytesOf(count));
  template.write(out, slice, numbers, NOW_MS);
  const found = out.bytes.subarray(8, out.at);

  const records = Array.from({ length: count }, (_, i) => {
    const value = filler(i, bytes);
    const sequence = firstSequence + i;
    const about = { runId: RUN_ID, stream: slice.stream, valueBytes: bytes };
    writeStamp(value, 0, { ...about, sequence, intendedUs: intendedUs(sequence) });
    const own = Object.entries(headers).map(([key, v]) => ({ key, value: Buffer.from(v) }));
    return { value, headers: own };
  });
  const expected = assembleBatch(
    {
      ...{ records, baseTimestamp: NOW_MS, producerId: numbers.producerId },
      ...{ producerEpoch: numbers.epoch, baseSequence: numbers.sequence },
    },
    encodeRecords(records),
  );
  return { found, expected, size: template.bytesOf(count) };
}

test.each([
  [100, 1, 0],
  [100, 63, 17],
  [100, 64, 2 ** 32 - 30],
  [100, 65, 2 ** 40],
  [100, 500, 2 ** 31 - 250],
  [STAMP_BYTES, 200, 3],
  [1024, 15, 9],
  [9000, 2, 1],
])(
  '%i-byte values, %i a batch, from sequence %i: byte by byte what the codec makes',
  (...given) => {
    const { found, expected, size } = bothWays(...given);
    expect(found.equals(expected)).toBe(true);
    expect(size).toBe(expected.length);
  },
);

test('with headers, too', () => {
  const { found, expected } = bothWays(100, 70, 5, { trace: 'abc', '': 'x' });
  expect(found.equals(expected)).toBe(true);
});

test('a byte that was changed afterwards does not fit the checksum', () => {
  const { found } = bothWays(100, 10, 5);
  const header = readBatchHeader(found, 0);
  if (header === null) throw new Error('no batch');
  expect(crcMatches(found, 0, header)).toBe(true);
  found[BATCH_HEADER_BYTES + 40] = 0;
  expect(crcMatches(found, 0, header)).toBe(false);
});

test.each([
  [100, 1, 0],
  [100, 64, 2 ** 32 - 30],
  [100, 750, 2 ** 40],
  [STAMP_BYTES, 200, 3],
  [9000, 2, 1],
])('%i-byte values, %i a batch, from sequence %i: the others count from the first', (...given) => {
  const [bytes, count, firstSequence] = given;
  const template = new LeadingTemplate(valuesOf(bytes), { trace: 'abc' }, 6.6);
  const out = new RequestBuffer();
  const slice = { stream: 4_000_000_007, partition: 3, firstSequence, count };
  for (const epoch of [1, 2]) {
    out.at = 0;
    out.ensure(template.bytesOf(count));
    template.write(out, slice, { producerId: 17, epoch, sequence: 5 }, NOW_MS);
  }
  const header = readBatchHeader(out.bytes.subarray(0, out.at), 0);
  if (header === null) throw new Error('no batch');
  expect(header).toMatchObject({ bytes: template.bytesOf(count), count, producerEpoch: 2 });
  expect(header).toMatchObject({ baseTimestamp: NOW_MS, maxTimestamp: NOW_MS, baseSequence: 5 });
  expect(crcMatches(out.bytes, 0, header)).toBe(true);
  const reader = new StampReader();
  const body = out.bytes.subarray(BATCH_HEADER_BYTES, header.bytes);
  visitRecords(body, header, (record) => {
    const { offset, valueAt, valueLength } = record;
    expect(reader.read(body, valueAt, valueLength, offset)).toBe('ok');
    const sequence = firstSequence + offset;
    expect(reader.stamp).toMatchObject({ runId: RUN_ID, stream: slice.stream, sequence });
    expect(reader.stamp.valueBytes).toBe(bytes);
    const intended = Math.floor(intendedUs(sequence));
    expect(Math.abs(reader.stamp.intendedUs - intended)).toBeLessThanOrEqual(1);
    expect(readHeaders(record)).toEqual([{ key: 'trace', value: Buffer.from('abc') }]);
    const rest = filler(offset, bytes).subarray(STAMP_BYTES);
    expect(body.subarray(valueAt + STAMP_BYTES, valueAt + bytes).equals(rest)).toBe(true);
  });
});

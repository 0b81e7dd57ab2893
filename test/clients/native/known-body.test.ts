/** Batches that repeat an earlier one are known without a look at each record, and every other byte is noticed. */
import { describe, expect, test } from 'vitest';
import type { ConsumedBatch } from '../../../src/clients/client.ts';
import { KnownBodies, KnownBody } from '../../../src/clients/native/known-body.ts';
import { LeadingTemplate } from '../../../src/clients/native/leading-template.ts';
import { RequestBuffer } from '../../../src/clients/native/request-buffer.ts';
import { openStretch } from '../../../src/clients/native/stretch.ts';
import { STAMP_BYTES, StampReader } from '../../../src/payload/stamp.ts';
import { BATCH_HEADER_BYTES, readBatchHeader } from '../../../src/wire/batch.ts';
import { encodeBatch } from '../../../src/wire/encode-batch.ts';

const RUN_ID = 7;
const BYTES = 60;
const SPACING_US = 10;
const filler = (i: number): Buffer => Buffer.alloc(BYTES, i + 1);

const template = (runId = RUN_ID, spacingUs = SPACING_US): LeadingTemplate =>
  new LeadingTemplate(
    {
      ...{ runId, bytes: BYTES, sample: filler, intendedInto: () => {}, spacingUs: () => null },
      intendedUs: (_, sequence) => 1_000_000 + sequence * spacingUs,
    },
    {},
    spacingUs,
  );

/** As it lies in the log. */
function batchOf(from: LeadingTemplate, baseOffset: number, count: number, sequence = baseOffset) {
  const out = new RequestBuffer();
  out.ensure(from.bytesOf(count));
  const slice = { stream: 3, partition: 0, firstSequence: sequence, count };
  from.write(out, slice, { producerId: 17, epoch: 0, sequence }, 1_795_000_000_000 + baseOffset);
  const bytes = Buffer.from(out.bytes.subarray(0, out.at));
  bytes.writeBigInt64BE(BigInt(baseOffset));
  return bytes;
}

const opened = (bytes: Buffer) => {
  const header = readBatchHeader(bytes, 0);
  if (header === null) throw new Error('no batch');
  return { bytes, header, body: bytes.subarray(BATCH_HEADER_BYTES) };
};

const learnt = (count: number): KnownBody => {
  const { header, body } = opened(batchOf(template(), 0, count));
  return KnownBody.learn(header, body) as KnownBody;
};

describe('a body that was learnt', () => {
  test.each([1, 2, 19, 20])('is that of every batch of %i records', (count) => {
    const known = learnt(20);
    const { bytes, header, body } = opened(batchOf(template(), 5_000, count));
    expect(known.matches(body, count)).toBe(true);
    expect(known.crcOf(bytes, 0, count)).toBe(header.crc);
    const reader = new StampReader();
    expect(reader.read(known.firstOf(body), 0, BYTES, 5_000)).toBe('ok');
    expect(reader.stamp).toMatchObject({ stream: 3, sequence: 5_000, intendedUs: 1_050_000 });
    expect([...known.delaysUs.subarray(0, count)]).toEqual(
      Array.from({ length: count }, (_, i) => i * SPACING_US),
    );
  });

  test('is not that of a longer one, of another run, or of another pace', () => {
    const known = learnt(20);
    const others = [template(RUN_ID + 1), template(RUN_ID, SPACING_US + 1)];
    for (const other of others) {
      expect(known.matches(opened(batchOf(other, 0, 20)).body, 20)).toBe(false);
    }
    expect(known.matches(opened(batchOf(template(), 0, 21)).body, 21)).toBe(false);
    expect(known.matches(opened(batchOf(template(), 0, 19)).body, 20)).toBe(false);
  });

  test('shows every byte that was changed: by itself, by the checksum, or by the first stamp', () => {
    const known = learnt(20);
    const { bytes, header, body } = opened(batchOf(template(), 40, 20));
    for (let at = 21; at < bytes.length; at++) {
      bytes[at] = (bytes[at] as number) ^ 0x10;
      const same = known.matches(body, 20) && known.crcOf(bytes, 0, 20) === header.crc;
      expect(same, `byte ${at}`).toBe(false);
      bytes[at] = (bytes[at] as number) ^ 0x10;
    }
    expect(known.matches(body, 20) && known.crcOf(bytes, 0, 20) === header.crc).toBe(true);
  });

  test('has a first record and others that follow it, and nothing else', async () => {
    const each = await encodeBatch({ baseOffset: 0, records: [{ value: filler(0) }] });
    const { header, body } = opened(each);
    expect(KnownBody.learn(header, body)).toBeNull();
    const gap = opened(batchOf(template(), 0, 3));
    // The third record's offset delta: 3 instead of 2.
    const third = gap.body.length - (BYTES + STAMP_BYTES) + STAMP_BYTES;
    const deltaAt = gap.body.lastIndexOf(Buffer.from([0, 0, 4, 1]), third) + 2;
    expect(gap.body[deltaAt]).toBe(4);
    gap.body[deltaAt] = 6;
    expect(KnownBody.learn(gap.header, gap.body)).toBeNull();
  });
});

describe('a stretch of such batches', () => {
  const three = Buffer.concat([0, 20, 40].map((at) => batchOf(template(), at, 20)));
  const stretch = (bytes: Buffer, from = 0) => ({
    ...{ partition: 0, from, next: -1, epoch: -1, bytes, aborted: null },
  });
  const fine = (message: string): void => expect.unreachable(message);
  const values = (found: readonly ConsumedBatch[]): string[] =>
    found.flatMap((batch) =>
      Array.from(
        { length: batch.count },
        (_, i) => `${batch.offsetAt(i)} ${batch.valueAt(i)?.toString('hex')}`,
      ),
    );
  const repeated = (found: readonly ConsumedBatch[]): (number[] | null)[] =>
    found.map(({ repeats }) => repeats?.map(({ baseOffset }) => baseOffset) ?? null);
  const slowly = (bytes: Buffer, from = 0) => openStretch(stretch(bytes, from), unlearning, fine);
  const unlearning = Object.assign(new KnownBodies(), { find: () => null });

  test('repeats what was read before, and has the same records', async () => {
    const bodies = new KnownBodies();
    const first = await openStretch(stretch(three), bodies, fine);
    expect(repeated(first)).toEqual([null, [20, 40]]);
    const again = await openStretch(stretch(three), bodies, fine);
    expect(again).toMatchObject([{ count: 60 }]);
    expect(repeated(again)).toEqual([[0, 20, 40]]);
    expect(again[0]?.repeats?.[1]).toMatchObject({ count: 20, valueBytes: BYTES });
    expect(values(again)).toEqual(values(await slowly(three)));
    expect(values(first)).toEqual(values(again));
  });

  test('begins where it was asked to, and has what nobody knows apart', async () => {
    const bodies = new KnownBodies();
    await openStretch(stretch(three), bodies, fine);
    const middle = await openStretch(stretch(three, 7), bodies, fine);
    expect(repeated(middle)).toEqual([null, [20, 40]]);
    expect(values(middle)).toEqual(values(await slowly(three, 7)));
    const mixed = Buffer.concat([three, batchOf(template(), 60, 30), batchOf(template(), 90, 25)]);
    const found = await openStretch(stretch(mixed), bodies, fine);
    expect(repeated(found)).toEqual([[0, 20, 40], null, [90]]);
    expect(values(found)).toEqual(values(await slowly(mixed)));
  });

  test('tells of a header that is not what its checksum says', async () => {
    const bodies = new KnownBodies();
    await openStretch(stretch(three), bodies, fine);
    const damaged = Buffer.from(three);
    damaged[30] = (damaged[30] as number) ^ 1;
    const told: string[] = [];
    const found = await openStretch(stretch(damaged), bodies, (message) => told.push(message));
    expect(told).toEqual([expect.stringMatching(/batch at 0: its checksum is wrong/)]);
    expect(values(found)).toHaveLength(60);
  });

  test('is learnt after others that are not alike, but not from each of those', async () => {
    const bodies = new KnownBodies();
    const record = { value: Buffer.from('not ours') };
    const foreign = await encodeBatch({ baseOffset: 0, producerId: 17, records: [record] });
    for (let i = 0; i < 5; i++) await openStretch(stretch(foreign), bodies, fine);
    const alike = async (): Promise<boolean> =>
      repeated(await openStretch(stretch(batchOf(template(), 0, 20)), bodies, fine))[0] !== null;
    // After misses 1, 2 and 4 it is tried at the eighth.
    expect([await alike(), await alike(), await alike(), await alike()]).toEqual([
      ...[false, false, false, true],
    ]);
    await openStretch(stretch(foreign), bodies, fine);
    expect(await alike()).toBe(true);
  });
});

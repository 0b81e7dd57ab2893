/** Record batches: hand-made bytes, both ways with every codec, control batches, torn and damaged ones. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BATCH_HEADER_BYTES,
  batches,
  crcMatches,
  isControl,
  isLogAppendTime,
  isTransactional,
  readBatchHeader,
  readHeaders,
  recordBytes,
  visitRecords,
} from '../../src/wire/batch.ts';
import { CODECS, type CodecName, codecName } from '../../src/wire/compression.ts';
import { crc32c } from '../../src/wire/crc32c.ts';
import { encodeBatch, type NewRecord } from '../../src/wire/encode-batch.ts';
import { ProtocolError } from '../../src/wire/protocol-error.ts';
import { decodeSegment } from '../../src/wire/segment.ts';

const ALL = Object.keys(CODECS) as CodecName[];

describe('CRC-32C', () => {
  test.each([
    ['', 0x00000000],
    ['313233343536373839', 0xe3069283],
    // RFC 3720, appendix B.4.
    ['00'.repeat(32), 0x8a9136aa],
    ['ff'.repeat(32), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('hex'), 0x46dd794e],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)).toString('hex'), 0x113fdb5c],
  ])('of %s', (hex, crc) => {
    expect(crc32c(Buffer.from(hex, 'hex'))).toBe(crc);
  });

  test('is the same over a part of a buffer as over a copy of it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(20),
        fc.nat(20),
        (bytes, before, after) => {
          const around = Buffer.concat([Buffer.alloc(before, 1), bytes, Buffer.alloc(after, 2)]);
          expect(crc32c(around, before, before + bytes.length)).toBe(crc32c(bytes));
        },
      ),
    );
  });
});

/** Key "k", value "v", header h=1; base offset 5, epoch 2, time 1000 ms, producer 9 epoch 1 sequence 3. */
const BY_HAND = [
  '0000000000000005',
  '0000003e',
  '00000002',
  '02',
  '________',
  '0000',
  '00000000',
  '00000000000003e8',
  '00000000000003e8',
  '0000000000000009',
  '0001',
  '00000003',
  '00000001',
  '18', // twelve bytes
  '00',
  '00',
  '00',
  '026b',
  '0276',
  '02',
  '0268',
  '0231',
].join('');

describe('batches', () => {
  test('made by hand are read, and ours are the same bytes', async () => {
    const ours = await encodeBatch({
      baseOffset: 5,
      leaderEpoch: 2,
      baseTimestamp: 1000,
      producerId: 9,
      producerEpoch: 1,
      baseSequence: 3,
      records: [
        {
          key: Buffer.from('k'),
          value: Buffer.from('v'),
          headers: [{ key: 'h', value: Buffer.from('1') }],
        },
      ],
    });
    expect(ours.length).toBe(BY_HAND.length / 2);
    const crc = ours.toString('hex', 17, 21);
    expect(ours.toString('hex')).toBe(BY_HAND.replace('________', crc));
    const header = readBatchHeader(ours, 0);
    expect(header).toMatchObject({
      baseOffset: 5,
      bytes: ours.length,
      leaderEpoch: 2,
      lastOffsetDelta: 0,
      baseTimestamp: 1000,
      maxTimestamp: 1000,
      producerId: 9,
      producerEpoch: 1,
      baseSequence: 3,
      count: 1,
    });
  });

  test.each(ALL)('with %s come back as they were', async (codec) => {
    const blob = fc.option(fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: blob, value: blob, timestamp: fc.nat(2 ** 41) }), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.nat(2 ** 40),
        async (records, baseOffset) => {
          const bytes = await encodeBatch({ records, baseOffset, baseTimestamp: 1000, codec });
          const header = readBatchHeader(bytes, 0);
          if (header === null) throw new Error('no header');
          expect(crcMatches(bytes, 0, header)).toBe(true);
          expect(codecName(header.attributes & 7)).toBe(codec);
          const found: NewRecord[] = [];
          visitRecords(await recordBytes(bytes, 0, header), header, (one) => {
            expect(one.offset).toBe(baseOffset + found.length);
            const part = (at: number, length: number) =>
              length < 0 ? null : new Uint8Array(one.body.subarray(at, at + length));
            found.push({
              key: part(one.keyAt, one.keyLength),
              value: part(one.valueAt, one.valueLength),
              timestamp: one.timestamp,
            });
          });
          expect(found).toEqual(records);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('headers are read when asked for, gaps of compaction are kept', async () => {
    const bytes = await encodeBatch({
      baseOffset: 100,
      records: [
        { value: null, offsetDelta: 2, headers: [{ key: 'a', value: null }] },
        { value: Buffer.from('x'), offsetDelta: 7 },
      ],
    });
    const header = readBatchHeader(bytes, 0);
    if (header === null) throw new Error('no header');
    expect(header.lastOffsetDelta).toBe(7);
    const seen: unknown[] = [];
    visitRecords(bytes.subarray(BATCH_HEADER_BYTES), header, (one) =>
      seen.push([one.offset, one.valueLength, readHeaders(one)]),
    );
    expect(seen).toEqual([
      [102, -1, [{ key: 'a', value: null }]],
      [107, 1, []],
    ]);
  });

  test('flags are told', async () => {
    const bytes = await encodeBatch({ records: [{ value: null }], flags: 0x08 | 0x10 | 0x20 });
    const header = readBatchHeader(bytes, 0);
    if (header === null) throw new Error('no header');
    expect([isLogAppendTime(header), isTransactional(header), isControl(header)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('the last one of an answer may be cut off', async () => {
    const one = await encodeBatch({ records: [{ value: Buffer.from('a') }] });
    const two = Buffer.concat([one, one]);
    expect([...batches(two)].map(({ at }) => at)).toEqual([0, one.length]);
    for (let cut = 1; cut <= one.length; cut++) {
      expect([...batches(two.subarray(0, two.length - cut))]).toHaveLength(1);
    }
  });

  test('an older format is a protocol error, not an empty log', () => {
    const old = Buffer.alloc(100);
    old.writeInt32BE(50, 8);
    old[16] = 1;
    expect(() => [...batches(old)]).toThrow(ProtocolError);
  });

  test('a changed byte is found by the CRC', async () => {
    const bytes = await encodeBatch({ records: [{ value: Buffer.alloc(200, 7) }] });
    const header = readBatchHeader(bytes, 0);
    if (header === null) throw new Error('no header');
    for (let at = 21; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 0x10;
      expect(crcMatches(changed, 0, header)).toBe(false);
    }
  });

  test.each(ALL)(
    'with %s: changed or cut off bytes are read or refused, never worse',
    async (codec) => {
      const records = Array.from({ length: 20 }, (_, i) => ({
        value: Buffer.from(`record ${i}`.repeat(20)),
      }));
      const sound = await encodeBatch({ records, codec });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.nat(20),
          async (changes, cut) => {
            const bytes = Buffer.from(sound.subarray(0, sound.length - cut));
            for (const [at, value] of changes) bytes[at % bytes.length] = value;
            try {
              for (const batch of decodeSegment(bytes)) await batch.visit(readHeaders);
            } catch (error) {
              expect(error).toBeInstanceOf(ProtocolError);
            }
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});

describe('a segment', () => {
  test('is told batch by batch, and a torn end is not', async () => {
    const parts = await Promise.all(
      [0, 2, 4].map((baseOffset) =>
        encodeBatch({ baseOffset, records: [{ value: Buffer.from('a') }, { value: null }] }),
      ),
    );
    const file = Buffer.concat(parts);
    const offsets: number[] = [];
    for (const batch of decodeSegment(file.subarray(0, file.length - 1))) {
      expect(batch.crcMatches).toBe(true);
      await batch.visit(({ offset }) => offsets.push(offset));
    }
    expect(offsets).toEqual([0, 1, 2, 3]);
  });
});

describe('codecs', () => {
  test('raw snappy, as librdkafka writes it, is read too', async () => {
    // "aaaa…" 20 times: length 20, literal "a", copy of 19 from 1 back.
    const raw = Buffer.from([20, 0x00, 0x61, 0x4a, 0x01, 0x00]);
    expect((await CODECS.snappy.decompress(raw)).toString()).toBe('a'.repeat(20));
  });

  test('an LZ4 frame with content size and checksums is read', async () => {
    const frame = Buffer.from([
      ...[0x04, 0x22, 0x4d, 0x18, 0x7c, 0x40, 5, 0, 0, 0, 0, 0, 0, 0, 0x00],
      ...[5, 0, 0, 0x80, ...Buffer.from('hello'), 1, 2, 3, 4],
      ...[0, 0, 0, 0, 1, 2, 3, 4],
    ]);
    expect((await CODECS.lz4.decompress(frame)).toString()).toBe('hello');
  });

  test('more than a batch can hold is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(140 * 1024 * 1024));
    await expect(CODECS.gzip.decompress(bomb)).rejects.toThrow(ProtocolError);
  }, 30_000);

  test.each(ALL.filter((name) => name !== 'none'))('%s makes small what repeats', async (name) => {
    const data = Buffer.from('the same again '.repeat(10_000));
    const packed = await CODECS[name].compress(data);
    expect(packed.length).toBeLessThan(data.length / 10);
    expect((await CODECS[name].decompress(packed)).equals(data)).toBe(true);
  });
});

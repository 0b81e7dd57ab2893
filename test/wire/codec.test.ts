/** The codec both ways: primitives, versions, tagged fields, known bytes, and bytes that are no message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Api,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../src/wire/api.ts';
import { createPartitions } from '../../src/wire/apis/create-partitions.ts';
import { deleteGroups } from '../../src/wire/apis/delete-groups.ts';
import { deleteRecords } from '../../src/wire/apis/delete-records.ts';
import { fetch } from '../../src/wire/apis/fetch.ts';
import { metadata } from '../../src/wire/apis/metadata.ts';
import { NO_GENERATION, offsetCommit } from '../../src/wire/apis/offset-commit.ts';
import { produce } from '../../src/wire/apis/produce.ts';
import { alterPartitionReassignments } from '../../src/wire/apis/reassignments.ts';
import { FrameCutter } from '../../src/wire/frames.ts';
import { ProtocolError } from '../../src/wire/protocol-error.ts';
import { Reader } from '../../src/wire/reader.ts';
import {
  array,
  int32,
  int64,
  nullableBytes,
  nullableString,
  string,
  struct,
  type Type,
  tagged,
  uuid,
} from '../../src/wire/schema.ts';
import { Writer } from '../../src/wire/writer.ts';

function through<O, I>(type: Type<O, I>, value: I, flexible: boolean): O {
  const writer = new Writer(1);
  writer.flexible = flexible;
  type.write(writer, value);
  const reader = new Reader(writer.done());
  reader.flexible = flexible;
  const out = type.read(reader);
  expect(reader.left).toBe(0);
  return out;
}

describe('primitives', () => {
  test('variable-length integers', () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeInteger(), fc.nat(0xffffffff), (int, long, unsigned) => {
        const writer = new Writer();
        writer.varint(int);
        writer.varlong(long);
        writer.uvarint(unsigned);
        writer.int64(long);
        const reader = new Reader(writer.done());
        expect([reader.varint(), reader.varlong(), reader.uvarint(), reader.int64()]).toEqual([
          int,
          long,
          unsigned,
          long,
        ]);
      }),
    );
  });

  test('known bytes', () => {
    const bytesOf = (write: (writer: Writer) => void): string => {
      const writer = new Writer();
      write(writer);
      return writer.done().toString('hex');
    };
    expect(bytesOf((w) => w.varint(-1))).toBe('01');
    expect(bytesOf((w) => w.varint(150))).toBe('ac02');
    expect(bytesOf((w) => w.varint(-2147483648))).toBe('ffffffff0f');
    expect(bytesOf((w) => w.uvarint(300))).toBe('ac02');
    expect(bytesOf((w) => w.int64(-2))).toBe('fffffffffffffffe');
  });

  test('strings, bytes, arrays and uuids, compact or not', () => {
    fc.assert(
      fc.property(
        fc.option(fc.string({ unit: 'grapheme' })),
        fc.option(fc.uint8Array()),
        fc.array(fc.integer()),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.boolean(),
        (text, blob, numbers, id, flexible) => {
          expect(through(nullableString, text, flexible)).toBe(text);
          const back = through(nullableBytes, blob, flexible);
          expect(back === null ? null : new Uint8Array(back)).toEqual(blob);
          expect(through(array(int32), numbers, flexible)).toEqual(numbers);
          const name = Buffer.from(id).toString('base64url');
          expect(through(uuid, name, flexible)).toBe(name);
        },
      ),
    );
  });

  test('null where it must not be is a protocol error', () => {
    expect(() => string.read(new Reader(Buffer.from([0xff, 0xff])))).toThrow(ProtocolError);
  });
});

describe('structs', () => {
  const type = struct({
    a: int32,
    late: { ...int32, since: 2, until: 3, tag: null, fallback: -7 },
    extra: tagged(5, 2, string, 'none'),
  });
  const written = (version: number): Buffer => {
    const writer = new Writer();
    writer.version = version;
    writer.flexible = version >= 2;
    type.write(writer, { a: 1, late: 2, extra: 'x' });
    return writer.done();
  };
  const read = (bytes: Buffer, version: number) => {
    const reader = new Reader(bytes);
    reader.version = version;
    reader.flexible = version >= 2;
    return type.read(reader);
  };

  test('fields come and go with the version', () => {
    expect(read(written(1), 1)).toEqual({ a: 1, late: -7, extra: 'none' });
    expect(read(written(2), 2)).toEqual({ a: 1, late: 2, extra: 'x' });
    expect(read(written(4), 4)).toEqual({ a: 1, late: -7, extra: 'x' });
    expect(written(1)).toHaveLength(4);
  });

  test('unknown tagged fields are skipped', () => {
    const bytes = Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 2, 9, 3, 1, 2, 3, 5, 2, 2, 0x79]);
    expect(read(bytes, 2)).toEqual({ a: 1, late: 2, extra: 'y' });
  });

  test('a tagged field whose size is wrong is a protocol error', () => {
    const bytes = Buffer.from([0, 0, 0, 1, 0, 0, 0, 2, 1, 5, 3, 2, 0x79, 0]);
    expect(() => read(bytes, 2)).toThrow(ProtocolError);
  });
});

const FETCH_RESPONSE = {
  errorCode: 0,
  sessionId: 0,
  topics: [
    {
      topic: 'orders',
      partitions: [
        {
          partition: 3,
          errorCode: 0,
          highWatermark: 2 ** 40,
          lastStableOffset: 5,
          logStartOffset: 1,
          abortedTransactions: [{ producerId: 4, firstOffset: 2 }],
          records: Buffer.from('some batches'),
        },
      ],
    },
  ],
};
const METADATA_RESPONSE = {
  brokers: [{ nodeId: 1, host: 'a', port: 9092, rack: null }],
  clusterId: 'c',
  controllerId: 1,
  topics: [
    {
      errorCode: 0,
      name: 'orders',
      partitions: [
        { errorCode: 0, partition: 0, leader: 1, leaderEpoch: 4, replicas: [1, 2], isr: [1] },
      ],
    },
  ],
};

describe('messages', () => {
  const versions = <Q, S, QI, SI>(api: Api<Q, S, QI, SI>): number[] =>
    Array.from({ length: api.max - api.min + 1 }, (_, i) => api.min + i);

  test.each(versions(fetch))('Fetch response v%i comes back as it was', (version) => {
    const frame = encodeResponse(fetch, version, 7, FETCH_RESPONSE);
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    const back = decodeResponse(fetch, version, frame.subarray(4));
    expect(back).toMatchObject(
      version < 5 ? { topics: [{ topic: 'orders' }] } : { topics: FETCH_RESPONSE.topics },
    );
  });

  test.each(versions(produce))('Produce request v%i comes back as it was', (version) => {
    const request = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 100,
      topics: [{ topic: 't', partitions: [{ partition: 0, records: Buffer.from('b') }] }],
    };
    const frame = encodeRequest(produce, version, 9, 'me', request);
    const { header, reader } = decodeRequestHeader(frame.subarray(4));
    expect(header).toEqual({ key: 0, version, correlationId: 9, clientId: 'me' });
    expect(decodeRequest(produce, version, reader)).toEqual(request);
    expect(reader.left).toBe(0);
  });

  test('Metadata v12 request, byte by byte', () => {
    const frame = encodeRequest(metadata, 12, 1, 'x', { topics: [{ name: 't' }] });
    expect(frame.toString('hex')).toBe(
      [
        '00000023', // length
        '0003000c00000001', // api, version, correlation id
        '000178', // client id, an old-style string
        '00', // header tags
        '02', // one topic
        '00'.repeat(16), // topic id
        '0274', // name
        '00', // topic tags
        '00', // no auto-creation
        '00', // no authorized operations
        '00', // tags
      ].join(''),
    );
  });

  test('DeleteGroups v2, byte by byte', () => {
    const frame = encodeRequest(deleteGroups, 2, 1, 'x', { groupsNames: ['g', 'hi'] });
    expect(frame.toString('hex')).toBe(
      ['00000013', '002a000200000001', '000178', '00', '03', '0267', '036869', '00'].join(''),
    );
    // Throttled for 7 ms, one group, error 68, tags of the result and of the answer.
    const answer = ['00000001', '00', '00000007', '02', '0267', '0044', '00', '00'].join('');
    expect(decodeResponse(deleteGroups, 2, Buffer.from(answer, 'hex'))).toEqual({
      throttleTimeMs: 7,
      results: [{ groupId: 'g', errorCode: 68 }],
    });
  });

  test('OffsetCommit v8 request, byte by byte', () => {
    const partitions = [{ partition: 3, committedOffset: 258, metadata: null }];
    const frame = encodeRequest(offsetCommit, 8, 1, 'x', {
      ...{ groupId: 'g', generationId: NO_GENERATION, memberId: '' },
      topics: [{ name: 't', partitions }],
    });
    expect(frame.toString('hex')).toBe(
      [
        '0000002c', // length
        '0008000800000001', // api, version, correlation id
        '000178', // client id
        '00', // header tags
        '0267', // group
        'ffffffff', // no generation
        '01', // no member
        '00', // no instance
        '02', // one topic
        '0274', // name
        '02', // one partition
        '00000003', // partition
        '0000000000000102', // offset
        'ffffffff', // no leader epoch
        '00', // no metadata
        '00', // partition tags
        '00', // topic tags
        '00', // tags
      ].join(''),
    );
  });

  test('DeleteRecords v2 and AlterPartitionReassignments v0, byte by byte', () => {
    const topics = [{ name: 't', partitions: [{ partition: 3, offset: 258 }] }];
    const removing = encodeRequest(deleteRecords, 2, 1, 'x', { topics, timeoutMs: 5 });
    expect(removing.subarray(16).toString('hex')).toBe(
      // One topic, its name, one partition, its number, offset and tags; tags, time, tags.
      ['02', '0274', '02', '00000003', '0000000000000102', '00', '00', '00000005', '00'].join(''),
    );
    const moving = encodeRequest(alterPartitionReassignments, 0, 1, 'x', {
      timeoutMs: 5,
      topics: [{ name: 't', partitions: [{ partition: 3, replicas: [2, 1] }] }],
    });
    expect(moving.subarray(16).toString('hex')).toBe(
      ['00000005', '02', '0274', '02', '00000003', '03', '00000002', '00000001']
        .concat(['00', '00', '00'])
        .join(''),
    );
  });

  test('CreatePartitions v3, byte by byte', () => {
    const request = { topics: [{ name: 't', count: 7 }], timeoutMs: 5 };
    const frame = encodeRequest(createPartitions, 3, 1, 'x', request);
    expect(frame.subarray(16).toString('hex')).toBe(
      // No assignments, tags; time, for real, tags.
      ['02', '0274', '00000007', '00', '00', '00000005', '00', '00'].join(''),
    );
  });

  test('cut off or changed anywhere, a message is read or refused with a protocol error', () => {
    const frames = [
      { api: fetch, version: 12, frame: encodeResponse(fetch, 12, 1, FETCH_RESPONSE) },
      { api: fetch, version: 4, frame: encodeResponse(fetch, 4, 1, FETCH_RESPONSE) },
      { api: metadata, version: 12, frame: encodeResponse(metadata, 12, 1, METADATA_RESPONSE) },
      { api: metadata, version: 1, frame: encodeResponse(metadata, 1, 1, METADATA_RESPONSE) },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        ({ api, version, frame }, cut, changes) => {
          const payload = Buffer.from(frame.subarray(4));
          for (const [at, value] of changes) payload[4 + (at % (payload.length - 4))] = value;
          const part = payload.subarray(0, 4 + (cut % (payload.length - 3)));
          try {
            decodeResponse(api as Api<unknown, unknown, never, never>, version, part);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('frames', () => {
  test('are found however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        (bodies, cuts) => {
          const stream = Buffer.concat(
            bodies.flatMap((body) => {
              const length = Buffer.alloc(4);
              length.writeInt32BE(body.length);
              return [length, body];
            }),
          );
          const found: Uint8Array[] = [];
          const cutter = new FrameCutter();
          for (let at = 0; at < stream.length; ) {
            const size = cuts.next().value ?? 1;
            cutter.push(stream.subarray(at, at + size), (frame) =>
              found.push(new Uint8Array(frame)),
            );
            at += size;
          }
          expect(found).toEqual(bodies);
        },
      ),
    );
  });

  test('a length that no answer has is a protocol error', () => {
    const http = Buffer.from('HTTP/1.1 400 Bad Request\r\n');
    expect(() => new FrameCutter().push(http, () => {})).toThrow(ProtocolError);
    expect(() => new FrameCutter().push(Buffer.alloc(4), () => {})).toThrow(ProtocolError);
    expect(through(int64, 5, false)).toBe(5);
  });
});

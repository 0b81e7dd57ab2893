/** Compressed batches of the native client: what is in them, their checksums, and what brokers know them by. */
import { describe, expect, test } from 'vitest';
import type { PayloadSource } from '../../../src/clients/client.ts';
import { createEncoder } from '../../../src/clients/native/encoder.ts';
import { RequestBuffer } from '../../../src/clients/native/request-buffer.ts';
import { StampReader } from '../../../src/payload/stamp.ts';
import {
  BATCH_HEADER_BYTES,
  crcMatches,
  readBatchHeader,
  visitRecords,
} from '../../../src/wire/batch.ts';
import { CODECS, type Compressor, loadCompressor } from '../../../src/wire/compression.ts';
import { RUN_ID, stamped } from '../../lying-broker/traffic.ts';

const NAMES: readonly Compressor['name'][] = ['gzip', 'snappy', 'lz4', 'zstd'];
const NUMBERS = { producerId: 5_000_000_017, epoch: 7, sequence: 12 };
const STREAM = 4_000_000_007;

/** Evenly spaced: only the first of a batch is stamped; or not; or with keys. */
type Kind = 'spaced' | 'uneven' | 'keyed';

function source(kind: Kind): PayloadSource {
  return {
    headers: { trace: 'abc' },
    keyOf: (_, sequence) => (kind === 'keyed' ? Buffer.from(`key-${sequence}`) : null),
    valueOf: stamped,
    fixed:
      kind === 'keyed'
        ? null
        : {
            ...{ runId: RUN_ID, bytes: 100, sample: (i: number) => stamped(0, i) },
            intendedUs: (_, sequence) => sequence * 20,
            intendedInto: (_, first, count, into) => {
              for (let i = 0; i < count; i++) into[i] = (first + i) * 20;
            },
            spacingUs: () => (kind === 'spaced' ? 20 : null),
          },
  };
}

/** What is wrong with the batch in the buffer, or null; the stamps must be of [first, first + count). */
async function wrong(out: RequestBuffer, name: Compressor['name'], first: number, count: number) {
  const at = out.bytes.findIndex((byte) => byte <= 0x7f) + 1;
  const batch = out.bytes.subarray(at, out.at);
  const header = readBatchHeader(batch, 0);
  if (header === null || header.bytes !== batch.length) return 'not one batch';
  if (!crcMatches(batch, 0, header)) return 'checksum';
  expect(header).toMatchObject({ count, producerId: NUMBERS.producerId, producerEpoch: 7 });
  expect(header).toMatchObject({ baseSequence: NUMBERS.sequence, lastOffsetDelta: count - 1 });
  expect(batch.readInt16BE(21)).toBe(CODECS[name].id);
  const body = await CODECS[name].decompress(batch.subarray(BATCH_HEADER_BYTES));
  const reader = new StampReader();
  const found: number[] = [];
  visitRecords(body, header, ({ offset, valueAt, valueLength }) => {
    expect(reader.read(body, valueAt, valueLength, offset)).toBe('ok');
    expect(reader.stamp).toMatchObject({ runId: RUN_ID, stream: STREAM, valueBytes: 100 });
    found.push(reader.stamp.sequence);
  });
  const all = Array.from({ length: count }, (_, i) => first + i);
  return JSON.stringify(found) === JSON.stringify(all) ? null : 'sequences';
}

describe.each(NAMES)('%s', (name) => {
  test.each(['spaced', 'uneven', 'keyed'] as const)('%s', async (kind) => {
    const encode = createEncoder(source(kind), await loadCompressor(name));
    const out = new RequestBuffer();
    let first = 2 ** 32 - 30;
    for (const count of [1, 2, 64, 65, 64, 900]) {
      out.at = 0;
      encode(out, { stream: STREAM, partition: 0, firstSequence: first, count }, NUMBERS);
      expect(await wrong(out, name, first, count)).toBe(null);
      first += count;
    }
    // Only what is left of the last one, so the checks above look at something.
    out.bytes[out.at - 20] = (out.bytes[out.at - 20] as number) ^ 1;
    expect(await wrong(out, name, first - 900, 900)).toBe('checksum');
  });
});

test('what is the same in every batch is compressed once', async () => {
  let times = 0;
  const lz4 = await loadCompressor('lz4');
  const compress = (data: Buffer): Buffer => {
    times += 1;
    return lz4.compress(data);
  };
  const encode = createEncoder(source('spaced'), { ...lz4, compress });
  const out = new RequestBuffer();
  for (const [i, count] of [150, 151, 150, 150, 151].entries()) {
    out.at = 0;
    encode(out, { stream: STREAM, partition: 0, firstSequence: i * 200, count }, NUMBERS);
  }
  expect(times).toBe(2);
});

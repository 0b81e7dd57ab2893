/** Builds record batches of format 2. */
import { BATCH_HEADER_BYTES } from './batch.ts';
import { CODECS, type CodecName } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { Writer } from './writer.ts';

export type NewRecord = {
  readonly key?: Uint8Array | null | undefined;
  readonly value: Uint8Array | null;
  /** Milliseconds since 1970; the batch's base timestamp unless said otherwise. */
  readonly timestamp?: number | undefined;
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Relative to the batch's base offset; its index in the batch unless said otherwise (compaction leaves gaps). */
  readonly offsetDelta?: number | undefined;
};

export type NewBatch = {
  readonly records: readonly NewRecord[];
  readonly baseOffset?: number | undefined;
  readonly leaderEpoch?: number | undefined;
  readonly baseTimestamp?: number | undefined;
  readonly codec?: CodecName | undefined;
  /** Beside the compression bits: 8 log append time, 16 transactional, 32 control. */
  readonly flags?: number | undefined;
  readonly producerId?: number | undefined;
  readonly producerEpoch?: number | undefined;
  readonly baseSequence?: number | undefined;
};

export async function encodeBatch(batch: NewBatch): Promise<Buffer> {
  const { compress } = CODECS[batch.codec ?? 'none'];
  return assembleBatch(batch, await compress(encodeRecords(batch.records, batch.baseTimestamp)));
}

/** `body`: the batch's records, compressed by its codec. */
export function assembleBatch(batch: NewBatch, body: Uint8Array): Buffer {
  const { records, baseTimestamp = 0, codec = 'none' } = batch;
  const last = records.at(-1);
  const newest = records.reduce((max, one) => Math.max(max, one.timestamp ?? baseTimestamp), 0);
  const writer = new Writer(BATCH_HEADER_BYTES + body.length);
  writer.int64(batch.baseOffset ?? 0);
  writer.int32(BATCH_HEADER_BYTES - 12 + body.length);
  writer.int32(batch.leaderEpoch ?? -1);
  writer.int8(2);
  writer.int32(0);
  writer.int16(CODECS[codec].id | (batch.flags ?? 0));
  writer.int32(last === undefined ? -1 : (last.offsetDelta ?? records.length - 1));
  writer.int64(baseTimestamp);
  writer.int64(Math.max(newest, baseTimestamp));
  writer.int64(batch.producerId ?? -1);
  writer.int16(batch.producerEpoch ?? -1);
  writer.int32(batch.baseSequence ?? -1);
  writer.int32(records.length);
  writer.bytes(body);
  return sealBatch(writer.done());
}

/** Writes the checksum of a batch whose bytes are otherwise complete. */
export function sealBatch(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

/** As they stand in a batch, not compressed. */
export function encodeRecords(records: readonly NewRecord[], baseTimestamp = 0): Buffer {
  const out = new Writer(1024);
  for (const [i, record] of records.entries()) {
    const one = new Writer();
    one.int8(0);
    one.varlong((record.timestamp ?? baseTimestamp) - baseTimestamp);
    one.varint(record.offsetDelta ?? i);
    writeBytes(one, record.key ?? null);
    writeBytes(one, record.value);
    const headers = record.headers ?? [];
    one.varint(headers.length);
    for (const { key, value } of headers) {
      writeBytes(one, Buffer.from(key, 'utf8'));
      writeBytes(one, value);
    }
    out.varint(one.length);
    out.bytes(one.done());
  }
  return out.done();
}

function writeBytes(writer: Writer, value: Uint8Array | null): void {
  writer.varint(value === null ? -1 : value.length);
  if (value !== null) writer.bytes(value);
}

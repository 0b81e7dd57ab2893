/**
 * Record batches of format 2, where they lie: headers are read in place, the checksum is verified over the stored
 * bytes, records are visited without making objects of them.
 *
 *   0 i64 base offset · 8 i32 length of what follows · 12 i32 leader epoch · 16 i8 magic · 17 u32 CRC-32C of the rest
 *   21 i16 attributes · 23 i32 last offset delta · 27 i64 base timestamp · 35 i64 max timestamp · 43 i64 producer id
 *   51 i16 producer epoch · 53 i32 base sequence · 57 i32 record count · 61 records
 */
import { CODECS, codecName } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';

export const BATCH_HEADER_BYTES = 61;
/** Base offset and length, which the length does not count. */
const PREFIX_BYTES = 12;

export type BatchHeader = {
  readonly baseOffset: number;
  /** The whole batch, prefix included. */
  readonly bytes: number;
  readonly leaderEpoch: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
};

export const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

export const isLogAppendTime = (header: BatchHeader): boolean =>
  (header.attributes & LOG_APPEND_TIME) !== 0;
export const isTransactional = (header: BatchHeader): boolean =>
  (header.attributes & TRANSACTIONAL) !== 0;
/** A transaction's commit or abort marker: it takes an offset and holds no user's record. */
export const isControl = (header: BatchHeader): boolean => (header.attributes & CONTROL) !== 0;

/** What a control record says, from its key: the end of a transaction, or null for any other. */
export function endOfTransaction({
  body,
  keyAt,
  keyLength,
}: RecordView): 'commit' | 'abort' | null {
  const type = keyLength < 4 ? -1 : body.readInt16BE(keyAt + 2);
  return type === 0 ? 'abort' : type === 1 ? 'commit' : null;
}

/**
 * The batch at `at`, or null when it is cut off there, as the last one of an answer may be. Throws ProtocolError for
 * what cannot be a batch: from there on nothing can be found any more.
 */
export function readBatchHeader(buffer: Buffer, at: number): BatchHeader | null {
  if (buffer.length - at < BATCH_HEADER_BYTES) return null;
  const reader = new Reader(buffer, at);
  const baseOffset = reader.int64();
  const length = reader.int32();
  const leaderEpoch = reader.int32();
  const magic = reader.int8();
  if (magic !== 2) throw new ProtocolError(`a batch of format ${magic} at byte ${at}, not 2`);
  if (length < BATCH_HEADER_BYTES - PREFIX_BYTES) {
    throw new ProtocolError(`a batch of ${length} bytes at byte ${at}`);
  }
  if (buffer.length - at < PREFIX_BYTES + length) return null;
  return {
    baseOffset,
    bytes: PREFIX_BYTES + length,
    leaderEpoch,
    crc: reader.uint32(),
    attributes: reader.int16(),
    lastOffsetDelta: reader.int32(),
    baseTimestamp: reader.int64(),
    maxTimestamp: reader.int64(),
    producerId: reader.int64(),
    producerEpoch: reader.int16(),
    baseSequence: reader.int32(),
    count: reader.int32(),
  };
}

/** Whole batches from `at` on; stops silently where one is cut off. */
export function* batches(
  buffer: Buffer,
  at = 0,
): Generator<{ readonly at: number; readonly header: BatchHeader }> {
  for (let next = at; ; ) {
    const header = readBatchHeader(buffer, next);
    if (header === null) return;
    yield { at: next, header };
    next += header.bytes;
  }
}

export const crcMatches = (buffer: Buffer, at: number, header: BatchHeader): boolean =>
  crc32c(buffer, at + 21, at + header.bytes) === header.crc;

/** The batch's records, unpacked when they are compressed. Throws ProtocolError. */
export async function recordBytes(
  buffer: Buffer,
  at: number,
  header: BatchHeader,
): Promise<Buffer> {
  const packed = buffer.subarray(at + BATCH_HEADER_BYTES, at + header.bytes);
  const id = header.attributes & COMPRESSION_MASK;
  if (id === 0) return packed;
  const name = codecName(id);
  if (name === undefined) throw new ProtocolError(`compression ${id} is not known`);
  return CODECS[name].decompress(packed);
}

/** One record as offsets into `body`; the object is reused from one record to the next. */
export type RecordView = {
  body: Buffer;
  offset: number;
  timestamp: number;
  keyAt: number;
  /** -1: no key. */
  keyLength: number;
  valueAt: number;
  /** -1: no value (a tombstone). */
  valueLength: number;
  /** Where the header count is; see `readHeaders`. */
  headersAt: number;
  /** Behind the record. */
  end: number;
};

/** Visits every record of the batch in order. Throws ProtocolError when they are not what the header says. */
export function visitRecords(
  body: Buffer,
  header: BatchHeader,
  visit: (record: RecordView) => void,
): void {
  const reader = new Reader(body);
  const view = { body } as RecordView;
  for (let i = 0; i < header.count; i++) {
    const length = reader.varint();
    const start = reader.at;
    const end = start + length;
    if (length < 6 || end > body.length) {
      throw new ProtocolError(`record ${i} of ${length} bytes, ${body.length - start} left`);
    }
    reader.at = start + 1; // The record's attributes are unused.
    view.timestamp = header.baseTimestamp + reader.varlong();
    view.offset = header.baseOffset + reader.varint();
    view.keyLength = reader.varint();
    view.keyAt = view.keyLength < 0 ? reader.at : reader.take(view.keyLength);
    view.valueLength = reader.varint();
    view.valueAt = view.valueLength < 0 ? reader.at : reader.take(view.valueLength);
    view.headersAt = reader.at;
    if (view.headersAt >= end) throw new ProtocolError(`record ${i} overruns its ${length} bytes`);
    view.end = end;
    visit(view);
    reader.at = end;
  }
  if (reader.left > 0) throw new ProtocolError(`${reader.left} bytes after the last record`);
}

/** A record's headers, made only when asked for; a key may occur more than once. */
export function readHeaders(record: RecordView): { key: string; value: Buffer | null }[] {
  const reader = new Reader(record.body, record.headersAt);
  const count = reader.varint();
  if (count < 0 || count > reader.left) throw new ProtocolError(`${count} record headers`);
  return Array.from({ length: count }, () => {
    const key = reader.utf8(reader.varint());
    const length = reader.varint();
    return { key, value: length < 0 ? null : reader.slice(length) };
  });
}

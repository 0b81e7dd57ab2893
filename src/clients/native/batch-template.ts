/**
 * Record batches of values that differ in their stamps alone, encoded once. A batch of n records is the template's
 * beginning, copied, with header and stamps written over it; its CRC-32C is put together from those and a number known
 * for every n, without a look at the rest.
 */
import { finish, mixIn, STAMP_BYTES, STAMP_MAGIC } from '../../payload/stamp.ts';
import { BATCH_HEADER_BYTES, type BatchHeader, visitRecords } from '../../wire/batch.ts';
import { crcState, sliceTable, zeroBytesMap } from '../../wire/crc32c-shift.ts';
import { encodeRecords } from '../../wire/encode-batch.ts';
import type { FixedValues, Slice } from '../client.ts';
import { type Numbers, writeHeader } from './batch-header.ts';
import type { RequestBuffer } from './request-buffer.ts';

/** From the stamp's stream to its checksum: what is written over, the value's length aside. */
const PATCHED = 24;
const EFFECTS = sliceTable(PATCHED);
const VALUE_BYTES_AT = 24;

/** Records whose stamps end equally far behind that of the record before. */
type Stretch = { readonly to: number; readonly map: Int32Array };

export class BatchTemplate {
  readonly #values: FixedValues;
  readonly #headers: readonly { readonly key: string; readonly value: Buffer }[];
  #body: Buffer = Buffer.alloc(0);
  /** Where the stamp of each record ends in the body. */
  #stampEnds = new Int32Array(0);
  /** By number of records: bytes of the body, and its linear checksum. */
  #bodyBytes = new Int32Array(1);
  #sums = new Int32Array(1);
  #stretches: readonly Stretch[] = [];
  #tail: Int32Array = new Int32Array(0);
  #times = new Float64Array(0);

  constructor(values: FixedValues, headers: Readonly<Record<string, string>>) {
    this.#values = values;
    this.#headers = Object.entries(headers).map(([key, text]) => ({
      key,
      value: Buffer.from(text),
    }));
    this.#grow(64);
  }

  /** The whole batch. */
  bytesOf(count: number): number {
    if (count >= this.#bodyBytes.length) this.#grow(2 ** Math.ceil(Math.log2(count)));
    return BATCH_HEADER_BYTES + (this.#bodyBytes[count] as number);
  }

  /** Appends the batch; `out` has room for it. */
  write(out: RequestBuffer, slice: Slice, numbers: Numbers, nowMs: number): void {
    const { count } = slice;
    const at = out.at;
    const bytes = this.bytesOf(count);
    this.#body.copy(out.bytes, at + BATCH_HEADER_BYTES, 0, bytes - BATCH_HEADER_BYTES);
    writeHeader(out.view, at, bytes, count, numbers, nowMs);
    const header = crcState(out.bytes, at + 21, at + BATCH_HEADER_BYTES, -1);
    const stamped = this.#stamp(out.view, at + BATCH_HEADER_BYTES, slice, header);
    const crc = ~(appendZeros(this.#tail, stamped) ^ (this.#sums[count] as number));
    out.view.setInt32(at + 17, crc);
    out.at = at + bytes;
  }

  /** Writes every stamp and returns the state of the checksum behind the last one. */
  #stamp(view: DataView, body: number, slice: Slice, header: number): number {
    const { stream, firstSequence, count } = slice;
    const { runId, bytes } = this.#values;
    const times = this.#times;
    this.#values.intendedInto(stream, firstSequence, count, times);
    const hashed = mixIn(mixIn(mixIn(0, STAMP_MAGIC), runId), stream);
    const ofStream = effectOf(stream, 23);
    let crc = header;
    let i = 0;
    for (const { to, map } of this.#stretches) {
      for (const end = Math.min(to, count); i < end; i++) {
        const sequence = firstSequence + i;
        const us = times[i] as number;
        const high = ((sequence / 0x1_0000_0000) & 0xffff) | (us << 16);
        const later = (us / 0x1_0000) | 0;
        const hash = mixIn(mixIn(mixIn(mixIn(hashed, sequence | 0), high), later), bytes);
        const check = finish(hash);
        const at = body + (this.#stampEnds[i] as number) - PATCHED;
        view.setInt32(at, stream, true);
        view.setInt32(at + 4, sequence, true);
        view.setInt32(at + 8, high, true);
        view.setInt32(at + 12, later, true);
        view.setInt32(at + 20, check, true);
        crc =
          appendZeros(map, crc) ^
          ofStream ^
          effectOf(sequence | 0, 19) ^
          effectOf(high, 15) ^
          effectOf(later, 11) ^
          effectOf(check, 3);
      }
    }
    return crc;
  }

  #grow(count: number): void {
    const records = Array.from({ length: count }, (_, i) => ({
      value: withoutStamp(this.#values.sample(i), this.#values.runId),
      headers: this.#headers,
    }));
    this.#body = encodeRecords(records);
    this.#times = new Float64Array(count);
    this.#stampEnds = new Int32Array(count);
    this.#bodyBytes = new Int32Array(count + 1);
    this.#sums = new Int32Array(count + 1);
    const header = { count, baseTimestamp: 0, baseOffset: 0 } as BatchHeader;
    let i = 0;
    visitRecords(this.#body, header, ({ valueAt }) => {
      this.#stampEnds[i++] = valueAt + STAMP_BYTES;
    });
    const one = encodeRecords(records.slice(0, 1)).length;
    const tail = one - (this.#stampEnds[0] as number);
    for (let n = 1; n <= count; n++) {
      const end = (this.#stampEnds[n - 1] as number) + tail;
      const before = this.#bodyBytes[n - 1] as number;
      this.#bodyBytes[n] = end;
      this.#sums[n] = crcState(this.#body, before, end, this.#sums[n - 1] as number);
    }
    this.#tail = zeroBytesMap(tail);
    this.#stretches = stretchesOf(this.#stampEnds);
  }
}

/** What four bytes do to the state, `following` bytes coming after the first of them. */
const effectOf = (word: number, following: number): number =>
  (EFFECTS[following * 256 + (word & 0xff)] as number) ^
  (EFFECTS[(following - 1) * 256 + ((word >>> 8) & 0xff)] as number) ^
  (EFFECTS[(following - 2) * 256 + ((word >>> 16) & 0xff)] as number) ^
  (EFFECTS[(following - 3) * 256 + (word >>> 24)] as number);

const appendZeros = (map: Int32Array, state: number): number =>
  (map[state & 0xff] as number) ^
  (map[256 + ((state >>> 8) & 0xff)] as number) ^
  (map[512 + ((state >>> 16) & 0xff)] as number) ^
  (map[768 + (state >>> 24)] as number);

/** The value with zeros where each record has its own. */
function withoutStamp(value: Buffer, runId: number): Buffer {
  value.fill(0, 0, STAMP_BYTES);
  value.writeUInt32LE(STAMP_MAGIC, 0);
  value.writeUInt32LE(runId, 4);
  value.writeUInt32LE(value.length, VALUE_BYTES_AT);
  return value;
}

function stretchesOf(stampEnds: Int32Array): readonly Stretch[] {
  const stretches: { to: number; map: Int32Array; step: number }[] = [];
  for (let i = 0; i < stampEnds.length; i++) {
    const step = (stampEnds[i] as number) - (i === 0 ? 0 : (stampEnds[i - 1] as number));
    const last = stretches.at(-1);
    if (last?.step === step) last.to = i + 1;
    else stretches.push({ to: i + 1, map: zeroBytesMap(step), step });
  }
  return stretches;
}

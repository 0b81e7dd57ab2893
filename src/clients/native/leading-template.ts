/**
 * Record batches whose records lie equally far apart, encoded once: only the first record's stamp differs from batch to
 * batch, the others count from it. A batch costs the same however many records it has, but for the copy.
 */
import { STAMP_BYTES, writeFollower, writeStamp } from '../../payload/stamp.ts';
import { BATCH_HEADER_BYTES, type BatchHeader, visitRecords } from '../../wire/batch.ts';
import { afterZeroBytes, crcState } from '../../wire/crc32c-shift.ts';
import { encodeRecords } from '../../wire/encode-batch.ts';
import type { FixedValues, Slice } from '../client.ts';
import { type Numbers, writeHeader } from './batch-header.ts';
import type { RequestBuffer } from './request-buffer.ts';

export class LeadingTemplate {
  /** Between the intended times of two records. */
  readonly spacingUs: number;
  readonly #values: FixedValues;
  readonly #headers: readonly { readonly key: string; readonly value: Buffer }[];
  /** With zeros for the first stamp. */
  #body: Buffer = Buffer.alloc(0);
  #stampAt = 0;
  /** By number of records: bytes of the body, and its linear checksum. */
  #bodyBytes = new Int32Array(1);
  #sums = new Int32Array(1);
  readonly #stamp: {
    runId: number;
    stream: number;
    sequence: number;
    intendedUs: number;
    valueBytes: number;
  };

  constructor(values: FixedValues, headers: Readonly<Record<string, string>>, spacingUs: number) {
    this.spacingUs = spacingUs;
    this.#values = values;
    this.#headers = Object.entries(headers).map(([key, text]) => ({
      key,
      value: Buffer.from(text),
    }));
    const { runId, bytes: valueBytes } = values;
    this.#stamp = { runId, stream: 0, sequence: 0, intendedUs: 0, valueBytes };
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
    const { at } = out;
    const bytes = this.bytesOf(count);
    const body = at + BATCH_HEADER_BYTES;
    this.#body.copy(out.bytes, body, 0, bytes - BATCH_HEADER_BYTES);
    writeHeader(out.view, at, bytes, count, numbers, nowMs);
    this.writeFirstStamp(out.bytes, body + this.#stampAt, slice);
    // The template's sum has everything but the header and the stamp, and those have nothing else.
    const header = crcState(out.bytes, at + 21, body, -1);
    const stampAt = body + this.#stampAt;
    const stamped = crcState(
      out.bytes,
      stampAt,
      stampAt + STAMP_BYTES,
      afterZeroBytes(header, this.#stampAt),
    );
    const rest = at + bytes - stampAt - STAMP_BYTES;
    out.view.setInt32(at + 17, ~(afterZeroBytes(stamped, rest) ^ (this.#sums[count] as number)));
    out.at = at + bytes;
  }

  /** The records of a batch, with zeros for the first stamp; for reading. */
  recordsOf(count: number): { readonly records: Buffer; readonly stampAt: number } {
    const bytes = this.bytesOf(count) - BATCH_HEADER_BYTES;
    return { records: this.#body.subarray(0, bytes), stampAt: this.#stampAt };
  }

  writeFirstStamp(target: Buffer, at: number, { stream, firstSequence }: Slice): void {
    this.#stamp.stream = stream;
    this.#stamp.sequence = firstSequence;
    this.#stamp.intendedUs = this.#values.intendedUs(stream, firstSequence);
    writeStamp(target, at, this.#stamp);
  }

  #grow(count: number): void {
    const { runId, bytes: valueBytes } = this.#values;
    const records = Array.from({ length: count }, (_, i) => {
      const value = this.#values.sample(i);
      const intendedUs = Math.round(i * this.spacingUs);
      if (i === 0) value.fill(0, 0, STAMP_BYTES);
      else writeFollower(value, 0, { runId, sequence: i, intendedUs, valueBytes });
      return { value, headers: this.#headers };
    });
    this.#body = encodeRecords(records);
    const ends: number[] = [];
    const header = { count, baseTimestamp: 0, baseOffset: 0 } as BatchHeader;
    visitRecords(this.#body, header, ({ offset, valueAt, valueLength }) => {
      if (offset === 0) this.#stampAt = valueAt;
      ends.push(valueAt + valueLength);
    });
    const tail = this.#body.length - (ends.at(-1) as number);
    this.#bodyBytes = new Int32Array(count + 1);
    this.#sums = new Int32Array(count + 1);
    for (let n = 1; n <= count; n++) {
      const end = (ends[n - 1] as number) + tail;
      const before = this.#bodyBytes[n - 1] as number;
      this.#bodyBytes[n] = end;
      this.#sums[n] = crcState(this.#body, before, end, this.#sums[n - 1] as number);
    }
  }
}

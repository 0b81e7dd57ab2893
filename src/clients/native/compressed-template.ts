/**
 * Batches of a leading template, compressed: all behind the first stamp is the same in every batch of so many records,
 * so it is compressed once. The stamp stands in the frame as it is.
 */
import { STAMP_BYTES } from '../../payload/stamp.ts';
import { BATCH_HEADER_BYTES } from '../../wire/batch.ts';
import type { Compressor } from '../../wire/compression.ts';
import { afterZeroBytes, crcState } from '../../wire/crc32c-shift.ts';
import { compressOpen, type OpenFrame } from '../../wire/open-frames.ts';
import type { Slice } from '../client.ts';
import { type Numbers, writeHeader } from './batch-header.ts';
import type { LeadingTemplate } from './leading-template.ts';
import type { RequestBuffer } from './request-buffer.ts';

/** Kept of frames at most, where batches have many different numbers of records. */
const MOST_BYTES = 8 * 1024 * 1024;

type Made = {
  readonly frame: OpenFrame;
  /** In the frame. */
  readonly stampAt: number;
  /** The linear checksum of what is between the stamp and the seal. */
  readonly sum: number;
};

export class CompressedTemplate {
  readonly #template: LeadingTemplate;
  readonly #compressor: Compressor;
  /** By number of records. */
  readonly #made = new Map<number, Made>();
  #bytes = 0;

  constructor(template: LeadingTemplate, compressor: Compressor) {
    this.#template = template;
    this.#compressor = compressor;
  }

  /** The whole batch. */
  bytesOf(count: number): number {
    return BATCH_HEADER_BYTES + this.#of(count).frame.bytes.length;
  }

  /** Appends the batch; `out` has room for it. */
  write(out: RequestBuffer, slice: Slice, numbers: Numbers, nowMs: number): void {
    const { count } = slice;
    const { frame, stampAt, sum } = this.#of(count);
    const { at } = out;
    const body = at + BATCH_HEADER_BYTES;
    const bytes = BATCH_HEADER_BYTES + frame.bytes.length;
    frame.bytes.copy(out.bytes, body);
    writeHeader(out.view, at, bytes, count, numbers, nowMs);
    out.view.setInt16(at + 21, this.#compressor.id);
    this.#template.writeFirstStamp(out.bytes, body + stampAt, slice);
    frame.seal(out.bytes, body);
    const same = stampAt + STAMP_BYTES;
    const before = crcState(out.bytes, at + 21, body + same, -1);
    const sealed = afterZeroBytes(before, frame.sealAt - same) ^ sum;
    out.view.setInt32(at + 17, ~crcState(out.bytes, body + frame.sealAt, at + bytes, sealed));
    out.at = at + bytes;
  }

  #of(count: number): Made {
    const known = this.#made.get(count);
    if (known !== undefined) return known;
    const { records, stampAt: inRecords } = this.#template.recordsOf(count);
    const frame = compressOpen(this.#compressor, records, inRecords + STAMP_BYTES);
    const stampAt = frame.openAt + inRecords;
    const sum = crcState(frame.bytes, stampAt + STAMP_BYTES, frame.sealAt, 0);
    const made = { frame, stampAt, sum };
    if (this.#bytes > MOST_BYTES) {
      this.#made.clear();
      this.#bytes = 0;
    }
    this.#made.set(count, made);
    this.#bytes += frame.bytes.length;
    return made;
  }
}

/** Record batches as a leader sent them of one partition, and the records in them that a reader is to see. */
import { type Aborted, AbortedTransactions } from '../../wire/aborted.ts';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batches,
  COMPRESSION_MASK,
  crcMatches,
  endOfTransaction,
  isControl,
  recordBytes,
  visitRecords,
} from '../../wire/batch.ts';
import { ProtocolError } from '../../wire/protocol-error.ts';
import type { ConsumedBatch } from '../client.ts';

/** A view of a frame: valid as long as that is held. */
export type Stretch = {
  readonly partition: number;
  /** What was asked for: the first batch may begin before. */
  readonly from: number;
  /** The offset behind the last whole batch. */
  readonly next: number;
  /** Leader epoch of the last whole batch. */
  readonly epoch: number;
  readonly bytes: Buffer;
  /** Null: also what was aborted, or is not decided yet, is to be seen. */
  readonly aborted: readonly Aborted[] | null;
};

/** Null: no whole batch, or none that reaches beyond `from`. Throws ProtocolError. */
export function measure(
  bytes: Buffer,
  from: number,
): { readonly next: number; readonly epoch: number } | null {
  let next = -1;
  let epoch = -1;
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    const length = bytes.readInt32BE(at + 8);
    const size = length + 12;
    if (bytes[at + 16] !== 2 || size < BATCH_HEADER_BYTES) {
      throw new ProtocolError(`no batch at byte ${at} behind offset ${Math.max(from, next)}`);
    }
    if (size > bytes.length - at) break;
    const base = bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
    next = base + bytes.readInt32BE(at + 23) + 1;
    epoch = bytes.readInt32BE(at + 12);
    at += size;
  }
  return next > from ? { next, epoch } : null;
}

/**
 * Null: nothing in it is for the reader. `onDamage` hears of batches that are not what their checksums say; what can be
 * read of them is handed over all the same, since it is the audit that judges the log.
 */
export async function openStretch(
  stretch: Stretch,
  onDamage: (message: string) => void,
): Promise<ConsumedBatch | null> {
  const { bytes, from, partition } = stretch;
  const records = new Records(partition, from);
  const aborted = stretch.aborted === null ? null : new AbortedTransactions(stretch.aborted);
  for (const { at, header } of batches(bytes)) {
    if (header.baseOffset + header.lastOffsetDelta < from || aborted?.hides(header)) continue;
    try {
      const packed = (header.attributes & COMPRESSION_MASK) !== 0;
      const body = packed ? await recordBytes(bytes, at, header) : plainBytes(bytes, at, header);
      if (isControl(header)) endTransaction(header, body, aborted);
      else records.add(header, body);
      checkCrc(bytes, at, header);
    } catch (error) {
      onDamage(`partition ${partition}, batch at ${header.baseOffset}: ${damage(error)}`);
    }
  }
  return records.count === 0 ? null : records;
}

function checkCrc(bytes: Buffer, at: number, header: BatchHeader): void {
  if (!crcMatches(bytes, at, header)) throw new ProtocolError('its checksum is wrong');
}

function damage(error: unknown): string {
  if (error instanceof ProtocolError) return error.message;
  throw error;
}

const plainBytes = (bytes: Buffer, at: number, header: BatchHeader): Buffer =>
  bytes.subarray(at + BATCH_HEADER_BYTES, at + header.bytes);

function endTransaction(
  header: BatchHeader,
  body: Buffer,
  aborted: AbortedTransactions | null,
): void {
  visitRecords(body, header, (record) => {
    if (endOfTransaction(record) === 'abort') aborted?.ended(header.producerId);
  });
}

/** Values are views of the frame, or of what was unpacked from it. */
class Records implements ConsumedBatch {
  readonly partition: number;
  readonly #from: number;
  readonly #values: (Buffer | null)[] = [];
  readonly #offsets: number[] = [];

  constructor(partition: number, from: number) {
    this.partition = partition;
    this.#from = from;
  }

  /** Those of the batch from the offset on. Throws ProtocolError behind the last one that is a record. */
  add(header: BatchHeader, body: Buffer): void {
    visitRecords(body, header, ({ offset, valueAt, valueLength }) => {
      if (offset < this.#from) return;
      this.#offsets.push(offset);
      this.#values.push(valueLength < 0 ? null : body.subarray(valueAt, valueAt + valueLength));
    });
  }

  get count(): number {
    return this.#offsets.length;
  }

  offsetAt(i: number): number {
    return this.#offsets[i] as number;
  }

  valueAt(i: number): Buffer | null {
    return this.#values[i] ?? null;
  }
}

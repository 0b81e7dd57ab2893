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
import type { ConsumedBatch, RepeatedBatch } from '../client.ts';
import type { KnownBodies, KnownBody } from './known-body.ts';

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
 * What of it is for the reader: what repeats earlier batches apart from what does not. `onDamage` hears of batches that are not what their checksums say; what can be
 * read of them is handed over all the same, since it is the audit that judges the log.
 */
export async function openStretch(
  stretch: Stretch,
  known: KnownBodies,
  onDamage: (message: string) => void,
): Promise<readonly ConsumedBatch[]> {
  const { bytes, from, partition } = stretch;
  const records = new Records(partition, from);
  const aborted = stretch.aborted === null ? null : new AbortedTransactions(stretch.aborted);
  for (const { at, header } of batches(bytes)) {
    if (header.baseOffset + header.lastOffsetDelta < from || aborted?.hides(header)) continue;
    try {
      await openBatch({ bytes, at, header }, records, known, aborted);
    } catch (error) {
      onDamage(`partition ${partition}, batch at ${header.baseOffset}: ${damage(error)}`);
    }
  }
  return records.found;
}

type Stored = { readonly bytes: Buffer; readonly at: number; readonly header: BatchHeader };

async function openBatch(
  stored: Stored,
  records: Records,
  known: KnownBodies,
  aborted: AbortedTransactions | null,
): Promise<void> {
  const { bytes, at, header } = stored;
  if (isControl(header)) {
    endTransaction(header, plainBytes(bytes, at, header), aborted);
    checkCrc(crcMatches(bytes, at, header));
  } else if ((header.attributes & COMPRESSION_MASK) !== 0) {
    records.add(header, await recordBytes(bytes, at, header));
    checkCrc(crcMatches(bytes, at, header));
  } else {
    addPlain(stored, records, known);
  }
}

/** What is not known is read record by record, and known from then on. */
function addPlain({ bytes, at, header }: Stored, records: Records, known: KnownBodies): void {
  const body = plainBytes(bytes, at, header);
  const found = known.find(header, body);
  if (found === null) {
    records.add(header, body);
    checkCrc(crcMatches(bytes, at, header));
    known.learn(header, body);
  } else {
    records.addKnown(header, body, found);
    checkCrc(found.crcOf(bytes, at, header.count) === header.crc);
  }
}

function checkCrc(matches: boolean): void {
  if (!matches) throw new ProtocolError('its checksum is wrong');
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

class Records {
  readonly #partition: number;
  readonly #from: number;
  readonly #found: (Repeats | Visited)[] = [];

  constructor(partition: number, from: number) {
    this.#partition = partition;
    this.#from = from;
  }

  get found(): readonly ConsumedBatch[] {
    return this.#found.filter(({ count }) => count > 0);
  }

  /** Those of the batch from the offset on. Throws ProtocolError behind the last one that is a record. */
  add(header: BatchHeader, body: Buffer): void {
    const last = this.#found.at(-1);
    const visited = last instanceof Visited ? last : new Visited(this.#partition, this.#from);
    if (visited !== last) this.#found.push(visited);
    visited.add(header, body);
  }

  addKnown(header: BatchHeader, body: Buffer, known: KnownBody): void {
    const { baseOffset, count } = header;
    if (baseOffset < this.#from) {
      this.add(header, body);
      return;
    }
    const last = this.#found.at(-1);
    const repeats = last instanceof Repeats ? last : new Repeats(this.#partition);
    if (repeats !== last) this.#found.push(repeats);
    const { valueBytes, delaysUs } = known;
    const first = known.firstOf(body);
    repeats.add({ header, body, baseOffset, count, valueBytes, first, delaysUs });
  }
}

/** Record by record. Values are views of the frame, or of what was unpacked from it. */
class Visited implements ConsumedBatch {
  readonly partition: number;
  readonly #from: number;
  readonly #values: (Buffer | null)[] = [];
  readonly #offsets: number[] = [];

  constructor(partition: number, from: number) {
    this.partition = partition;
    this.#from = from;
  }

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

/** With what it takes to visit its records after all. */
type Known = RepeatedBatch & { readonly header: BatchHeader; readonly body: Buffer };

/** Batches that are known: whoever wants their records nevertheless has them visited. */
class Repeats implements ConsumedBatch {
  readonly partition: number;
  readonly repeats: Known[] = [];
  #visited: Visited | null = null;
  count = 0;

  constructor(partition: number) {
    this.partition = partition;
  }

  add(known: Known): void {
    this.repeats.push(known);
    this.count += known.count;
  }

  offsetAt(i: number): number {
    return this.#records.offsetAt(i);
  }

  valueAt(i: number): Buffer | null {
    return this.#records.valueAt(i);
  }

  get #records(): Visited {
    if (this.#visited === null) {
      this.#visited = new Visited(this.partition, 0);
      for (const { header, body } of this.repeats) this.#visited.add(header, body);
    }
    return this.#visited;
  }
}

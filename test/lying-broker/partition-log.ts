/** One partition's log in memory: whole batches as they were sent, with their offsets written in. */
import { type BatchHeader, batches, isControl, isTransactional } from '../../src/wire/batch.ts';

const OUT_OF_ORDER = 45;
const INVALID_EPOCH = 47;

/** How a batch is stored, where not as it should be. */
type Stored = { readonly leaderEpoch: number; readonly hidden: boolean };
type StoredBatch = {
  readonly base: number;
  readonly end: number;
  readonly bytes: Buffer;
  /** From groups. */
  readonly hidden: boolean;
};

export class PartitionLog {
  /** Counted up with every new leader. */
  leaderEpoch = 7;
  readonly #showsOpen: boolean;
  #batches: StoredBatch[] = [];
  /** Of the last batches of each idempotent producer: where a repeated one was put at first. */
  readonly #known = new Map<string, number>();
  /** The epoch of each idempotent producer and the sequence that is due next. */
  readonly #due = new Map<number, { readonly epoch: number; readonly sequence: number }>();
  /** Where the open transaction of each producer began. */
  readonly #open = new Map<number, number>();
  readonly #aborted: { producerId: number; firstOffset: number; marker: number }[] = [];
  start = 0;
  end = 0;

  constructor(showsOpen = false) {
    this.#showsOpen = showsOpen;
  }

  /** Appends a copy and returns its base offset. */
  append(bytes: Buffer, header: BatchHeader, how: Partial<Stored> = {}): number {
    const base = this.end;
    const copy = Buffer.from(bytes);
    copy.writeBigInt64BE(BigInt(base), 0);
    copy.writeInt32BE(how.leaderEpoch ?? this.leaderEpoch, 12);
    this.end = base + header.lastOffsetDelta + 1;
    const hidden = how.hidden ?? false;
    this.#batches.push({ base, end: this.end, bytes: copy, hidden });
    const { producerId, producerEpoch: epoch, baseSequence, count } = header;
    if (producerId >= 0) {
      this.#known.set(identity(header), base);
      this.#due.set(producerId, { epoch, sequence: (baseSequence + count) % 2 ** 31 });
      const opens = isTransactional(header) && !isControl(header) && !this.#open.has(producerId);
      if (opens) this.#open.set(producerId, base);
    }
    return base;
  }

  /** Its marker was put at the offset. */
  endTransaction(producerId: number, committed: boolean, marker: number): void {
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    if (committed || firstOffset === undefined) return;
    this.#aborted.push({ producerId, firstOffset, marker });
  }

  /** Behind it transactions may be open; a broker that shows what is open says that there is none. */
  get stable(): number {
    return this.#showsOpen ? this.end : Math.min(this.end, ...this.#open.values());
  }

  /** Those that a reader from the offset on must be told of. */
  abortedFrom(offset: number): { readonly producerId: number; readonly firstOffset: number }[] {
    return this.#aborted.filter(({ marker }) => marker >= offset);
  }

  /** What an idempotent producer sent already, or -1. */
  repeated(header: BatchHeader): number {
    return header.producerId < 0 ? -1 : (this.#known.get(identity(header)) ?? -1);
  }

  /** As Kafka has it: the code with which the batch of an idempotent producer is refused, or 0. */
  refusal({ producerId, producerEpoch, baseSequence }: BatchHeader): number {
    const due = this.#due.get(producerId);
    if (producerId < 0 || due === undefined) return 0;
    if (producerEpoch < due.epoch) return INVALID_EPOCH;
    const expected = producerEpoch > due.epoch ? 0 : due.sequence;
    return baseSequence === expected ? 0 : OUT_OF_ORDER;
  }

  /** Where the newest batch was put; 0 when there is none. */
  get newest(): number {
    return this.#batches.at(-1)?.base ?? 0;
  }

  /** Offsets at which nothing will ever stand. */
  skip(offsets: number): void {
    this.end += offsets;
  }

  /** The newest batches never were. */
  truncate(batches: number): void {
    const gone = this.#batches.splice(-batches);
    this.end = gone[0]?.base ?? this.end;
  }

  /** Batches from the one that holds `offset` on, at least one, up to `maxBytes`; those that begin before `below`. */
  read(offset: number, maxBytes: number, withHidden = true, below = Infinity): Buffer {
    const shown = this.#batches.filter(
      ({ hidden, base }) => (withHidden || !hidden) && base < below,
    );
    const from = shown.findIndex(({ end }) => end > offset);
    if (from < 0) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    let size = 0;
    for (const { bytes } of shown.slice(from)) {
      if (parts.length > 0 && size + bytes.length > maxBytes) break;
      parts.push(bytes);
      size += bytes.length;
    }
    return Buffer.concat(parts);
  }

  /** As retention does: records below `offset` are gone. */
  deleteBefore(offset: number): void {
    this.start = Math.max(this.start, Math.min(offset, this.end));
    this.#batches = this.#batches.filter(({ end }) => end > this.start);
  }
}

const identity = ({ producerId, producerEpoch, baseSequence }: BatchHeader): string =>
  `${producerId}/${producerEpoch}/${baseSequence}`;

/** The batches of a produce request's records, each as its own buffer. */
export const splitBatches = (
  records: Buffer,
): readonly { readonly bytes: Buffer; readonly header: BatchHeader }[] =>
  [...batches(records)].map(({ at, header }) => ({
    bytes: records.subarray(at, at + header.bytes),
    header,
  }));

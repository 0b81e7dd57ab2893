/**
 * The ledger: what was meant, what was answered, what was read. Fixed 48-byte little-endian entries, one per
 * batch slice, appended to `ledger/<writer>.ledger`. A writer that dies leaves a valid prefix; a torn last
 * entry is ignored. An intent without an outcome is `unknown`.
 *
 *   0 u8 kind · 1 u8 outcome · 2 u16 attempts · 4 i16 error code · 6 u16 consumer · 8 u32 stream · 12 u32 count
 *   16 f64 first · 24 f64 base offset · 32 f64 time (µs since t0) · 40 u32 place or transaction + 1 · 44 i32 leader epoch
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { digestFile, type LedgerEnd } from './ledger-end.ts';

export const ENTRY_BYTES = 48;

export type Outcome = 'acknowledged' | 'failed' | 'unknown';

export type LedgerEntry =
  /**
   * Records [first, first + count) of `stream` are about to be given to the client. Written before the send.
   * `transaction`: which of its producer's transactions they belong to, from 0; absent outside of transactions.
   */
  | {
      kind: 'intent';
      stream: number;
      first: number;
      count: number;
      transaction?: number;
      timeUs: number;
    }
  /** `baseOffset` is -1 when the client does not know it; `errorCode` is Kafka's, 0 for none, -2 not Kafka's. */
  | {
      kind: 'outcome';
      stream: number;
      first: number;
      count: number;
      transaction?: number;
      outcome: Outcome;
      attempts: number;
      errorCode: number;
      baseOffset: number;
      timeUs: number;
    }
  /**
   * The producer is about to ask for the end of its transaction, by a commit or by an abort. Written before the
   * request. `stream` is the producer's first: with `transaction` it names the transaction.
   */
  | { kind: 'commit-intent' | 'abort-intent'; stream: number; transaction: number; timeUs: number }
  /** How it ended as far as its producer knows: `acknowledged` = committed, `failed` = aborted. */
  | {
      kind: 'transaction-outcome';
      stream: number;
      transaction: number;
      outcome: Outcome;
      errorCode: number;
      timeUs: number;
    }
  /**
   * The audit found a run of consecutive sequences at consecutive offsets: `read` by reading uncommitted, the whole
   * log; `read-committed` by a second reading of the topics that transactions write to, which sees the committed alone.
   */
  | {
      kind: 'read' | 'read-committed';
      stream: number;
      first: number;
      count: number;
      place: number;
      baseOffset: number;
      leaderEpoch: number;
      timeUs: number;
    }
  /** The audit found control records, which take offsets: `acknowledged` marks a commit, `failed` an abort. */
  | {
      kind: 'marker';
      outcome: 'acknowledged' | 'failed';
      place: number;
      baseOffset: number;
      count: number;
      timeUs: number;
    }
  /** The audit found `count` records that are not of this run, or whose stamp is damaged. */
  | {
      kind: 'foreign' | 'damaged';
      place: number;
      baseOffset: number;
      count: number;
      timeUs: number;
    }
  /** A group consumer was handed `count` records at consecutive offsets. */
  | {
      kind: 'delivered';
      consumer: number;
      place: number;
      baseOffset: number;
      count: number;
      timeUs: number;
    }
  /** A group consumer committed: the next record to read is `baseOffset`. */
  | { kind: 'committed'; consumer: number; place: number; baseOffset: number; timeUs: number }
  /** Assignment began at position `baseOffset` (-1 unknown) or ended. */
  | {
      kind: 'assigned' | 'revoked';
      consumer: number;
      place: number;
      baseOffset: number;
      timeUs: number;
    };

export type LedgerKind = LedgerEntry['kind'];

const KINDS: readonly LedgerKind[] = [
  'intent',
  'outcome',
  'read',
  'foreign',
  'damaged',
  'delivered',
  'committed',
  'assigned',
  'revoked',
  'commit-intent',
  'abort-intent',
  'transaction-outcome',
  'read-committed',
  'marker',
];
const INTENT = KINDS.indexOf('intent');
const OUTCOME = KINDS.indexOf('outcome');
/** Their entries say which transaction in the four bytes where others have the place, from 1 on; 0 is none. */
const OF_TRANSACTIONS: ReadonlySet<LedgerKind> = new Set([
  'intent',
  'outcome',
  'commit-intent',
  'abort-intent',
  'transaction-outcome',
]);
const OUTCOMES: readonly Outcome[] = ['acknowledged', 'failed', 'unknown'];

/** Every field of an entry, with neutral values for those its kind does not have. Reused while reading. */
export type RawEntry = {
  kind: LedgerKind;
  outcome: Outcome;
  attempts: number;
  errorCode: number;
  consumer: number;
  stream: number;
  count: number;
  first: number;
  baseOffset: number;
  timeUs: number;
  place: number;
  /** -1 for none. */
  transaction: number;
  leaderEpoch: number;
};

export class LedgerWriter {
  readonly #fd: number;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #hash: Hash;
  #used = 0;
  /** So much of the buffer the system has; it is hashed when the buffer is full, and not with every flush. */
  #flushed = 0;
  #bytes: number;

  constructor(path: string, bufferedEntries = 4096) {
    this.#fd = openSync(path, 'a');
    const old = fstatSync(this.#fd).size > 0 ? digestFile(path) : null;
    this.#hash = old?.hash ?? createHash('sha256');
    this.#bytes = old?.bytes ?? 0;
    this.#buffer = Buffer.allocUnsafeSlow(bufferedEntries * ENTRY_BYTES);
    this.#view = new DataView(this.#buffer.buffer);
  }

  append(entry: LedgerEntry): void {
    const raw = entry as Partial<RawEntry> & { kind: LedgerKind };
    const { stream = 0, first = 0, count = 0, timeUs = 0 } = raw;
    const at = this.#begin(KINDS.indexOf(raw.kind), stream, first, count, timeUs);
    const view = this.#view;
    view.setUint8(at + 1, raw.outcome === undefined ? 0 : OUTCOMES.indexOf(raw.outcome));
    view.setUint16(at + 2, Math.min(raw.attempts ?? 0, 65535), true);
    view.setInt16(at + 4, raw.errorCode ?? 0, true);
    view.setUint16(at + 6, raw.consumer ?? 0, true);
    view.setFloat64(at + 24, raw.baseOffset ?? -1, true);
    view.setUint32(at + 40, placeOrTransaction(raw), true);
    view.setInt32(at + 44, raw.leaderEpoch ?? -1, true);
  }

  /** An `intent`; it and `outcome` are written for every batch, so they need no object. `transaction`: -1 for none. */
  intent(stream: number, first: number, count: number, transaction: number, timeUs: number): void {
    const at = this.#begin(INTENT, stream, first, count, timeUs);
    this.#view.setUint32(at + 40, transaction + 1, true);
  }

  /** An `outcome`. */
  outcome(
    slice: { readonly stream: number; readonly firstSequence: number; readonly count: number },
    transaction: number,
    result: Pick<RawEntry, 'outcome' | 'attempts' | 'errorCode' | 'baseOffset'>,
    timeUs: number,
  ): void {
    const at = this.#begin(OUTCOME, slice.stream, slice.firstSequence, slice.count, timeUs);
    const view = this.#view;
    view.setUint8(at + 1, OUTCOMES.indexOf(result.outcome));
    view.setUint16(at + 2, Math.min(result.attempts, 65535), true);
    view.setInt16(at + 4, result.errorCode, true);
    view.setFloat64(at + 24, result.baseOffset, true);
    view.setUint32(at + 40, transaction + 1, true);
  }

  /** Hands everything appended so far to the operating system. Throws when the disk is full. */
  flush(): void {
    while (this.#flushed < this.#used) {
      this.#flushed += writeSync(this.#fd, this.#buffer, this.#flushed, this.#used - this.#flushed);
    }
    if (this.#used === this.#buffer.length) this.#digest();
  }

  /** Returns what the whole file holds now. */
  close(): LedgerEnd {
    this.flush();
    this.#digest();
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    return { entries: this.#bytes / ENTRY_BYTES, sha256: this.#hash.digest('hex') };
  }

  /** Room for an entry, with neutral values in what only some kinds have. Returns where it begins. */
  #begin(kind: number, stream: number, first: number, count: number, timeUs: number): number {
    if (this.#used === this.#buffer.length) this.flush();
    const at = this.#used;
    const view = this.#view;
    view.setFloat64(at, 0, true);
    view.setUint8(at, kind);
    view.setUint32(at + 8, stream, true);
    view.setUint32(at + 12, count, true);
    view.setFloat64(at + 16, first, true);
    view.setFloat64(at + 24, -1, true);
    view.setFloat64(at + 32, timeUs, true);
    view.setUint32(at + 40, 0, true);
    view.setInt32(at + 44, -1, true);
    this.#used = at + ENTRY_BYTES;
    return at;
  }

  #digest(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#used));
    this.#bytes += this.#used;
    this.#used = 0;
    this.#flushed = 0;
  }
}

const placeOrTransaction = ({ place, transaction }: Partial<RawEntry>): number =>
  place ?? (transaction ?? -1) + 1;

/** Calls `visit` with every whole entry of the file, in order; the object is reused between calls. */
export function readLedger(path: string, visit: (entry: RawEntry) => void): void {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(4096 * ENTRY_BYTES);
  const entry = {} as RawEntry;
  let kept = 0;
  try {
    for (;;) {
      const read = readSync(fd, buffer, kept, buffer.length - kept, null);
      const whole = Math.floor((kept + read) / ENTRY_BYTES) * ENTRY_BYTES;
      for (let at = 0; at < whole; at += ENTRY_BYTES) visit(decodeEntry(buffer, at, entry));
      kept = buffer.copy(buffer, 0, whole, kept + read);
      if (read === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}

/** Decodes the entry at `at` into `entry` and returns it. Throws on a kind or outcome it does not know. */
export function decodeEntry(b: Buffer, at: number, entry: RawEntry): RawEntry {
  const kind = KINDS[b[at] as number];
  const outcome = OUTCOMES[b[at + 1] as number];
  if (kind === undefined || outcome === undefined) {
    throw new Error(`ledger entry of an unknown kind ${b[at]} or outcome ${b[at + 1]}`);
  }
  entry.kind = kind;
  entry.outcome = outcome;
  entry.attempts = b.readUInt16LE(at + 2);
  entry.errorCode = b.readInt16LE(at + 4);
  entry.consumer = b.readUInt16LE(at + 6);
  entry.stream = b.readUInt32LE(at + 8);
  entry.count = b.readUInt32LE(at + 12);
  entry.first = b.readDoubleLE(at + 16);
  entry.baseOffset = b.readDoubleLE(at + 24);
  entry.timeUs = b.readDoubleLE(at + 32);
  const ofTransaction = OF_TRANSACTIONS.has(kind);
  const placed = b.readUInt32LE(at + 40);
  entry.place = ofTransaction ? 0 : placed;
  entry.transaction = ofTransaction ? placed - 1 : -1;
  entry.leaderEpoch = b.readInt32LE(at + 44);
  return entry;
}

/**
 * The definitions of the anomalies, written down as plainly as possible: every record in a Map, every offset in a Set,
 * nothing merged, nothing thrown away. Too slow and too large for a real run, and so simple that it can be seen to be
 * right. It counts what happened; whether that breaks a promise is not its business.
 */
import type { LedgerEntry } from '../../src/evidence/ledger.ts';
import type { AnomalyKind } from '../../src/verify/result.ts';

/** What is known of a run of one topic, whose streams are numbered producer by producer, partition by partition. */
export type Evidence = {
  readonly partitions: number;
  readonly producers: number;
  readonly acknowledges: boolean;
  /** Producers were killed: their ledgers may lack what they did last. */
  readonly died: boolean;
  /** By time. */
  readonly workers: readonly LedgerEntry[];
  /** In the order of each log. */
  readonly audit: readonly LedgerEntry[];
  /** By partition: where the log begins, how far the audit came, and where the log ends. */
  readonly reach: readonly {
    readonly start: number;
    readonly position: number;
    readonly end: number;
  }[];
};

export type Counts = Partial<Record<AnomalyKind, number>> & { readonly redelivered: number };

type Acknowledged = { readonly sequence: number; readonly offset: number | null };

/** One stream: its records by sequence, and where copies of each stand. */
type Stream = {
  readonly place: number;
  readonly copies: Map<number, number[]>;
  readonly acknowledged: Acknowledged[];
  readonly refused: Set<number>;
  readonly unknown: Set<number>;
  readonly sent: Set<number>;
};

/** One partition: what stands at its offsets. */
type Partition = {
  readonly records: Set<number>;
  readonly markers: Set<number>;
  readonly told: Set<number>;
  readonly delivered: Set<number>;
  committed: number;
};

class Books {
  readonly streams: Stream[];
  readonly places: Partition[];
  readonly found = new Map<AnomalyKind, number>();
  redelivered = 0;

  constructor({ partitions, producers }: Evidence) {
    this.streams = Array.from({ length: partitions * producers }, (_, number) => ({
      ...{ place: number % partitions, copies: new Map(), acknowledged: [] },
      ...{ refused: new Set(), unknown: new Set(), sent: new Set() },
    }));
    this.places = Array.from({ length: partitions }, () => ({
      ...{ records: new Set(), markers: new Set(), told: new Set(), delivered: new Set() },
      committed: 0,
    }));
  }

  count(kind: AnomalyKind, more = 1): void {
    if (more > 0) this.found.set(kind, (this.found.get(kind) ?? 0) + more);
  }
}

export function countExactly(evidence: Evidence): Counts {
  const books = new Books(evidence);
  for (const entry of evidence.audit) readLog(books, entry);
  for (const entry of evidence.workers) readWorker(books, evidence, entry);
  for (const stream of books.streams) judgeStream(books, evidence, stream);
  for (const [number, place] of books.places.entries()) judgePlace(books, evidence, place, number);
  return { ...Object.fromEntries(books.found), redelivered: books.redelivered };
}

const numbers = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

function readLog(books: Books, entry: LedgerEntry): void {
  if (!('place' in entry) || !('count' in entry)) return;
  const place = books.places[entry.place] as Partition;
  for (const offset of numbers(entry.baseOffset, entry.count)) {
    if (entry.kind === 'marker') place.markers.add(offset);
    else place.records.add(offset);
    if (entry.kind === 'damaged') books.count('damaged');
    if (entry.kind !== 'read') continue;
    const stream = books.streams[entry.stream];
    const sequence = entry.first + (offset - entry.baseOffset);
    if (stream === undefined) books.count('phantom');
    else if (stream.place !== entry.place) books.count('wrong-partition');
    else stream.copies.set(sequence, [...(stream.copies.get(sequence) ?? []), offset]);
  }
}

function readWorker(books: Books, evidence: Evidence, entry: LedgerEntry): void {
  if (entry.kind === 'delivered') {
    const { delivered } = books.places[entry.place] as Partition;
    for (const offset of numbers(entry.baseOffset, entry.count)) {
      if (delivered.has(offset)) books.redelivered++;
      delivered.add(offset);
    }
  }
  if (entry.kind === 'committed') {
    (books.places[entry.place] as Partition).committed = entry.baseOffset;
  }
  if (entry.kind !== 'intent' && entry.kind !== 'outcome') return;
  const stream = books.streams[entry.stream] as Stream;
  for (const sequence of numbers(entry.first, entry.count)) {
    stream.sent.add(sequence);
    if (entry.kind === 'outcome') readOutcome(books, evidence, { ...entry, stream, sequence });
  }
}

type Answer = Omit<Extract<LedgerEntry, { kind: 'outcome' }>, 'stream'> & {
  readonly stream: Stream;
  readonly sequence: number;
};

function readOutcome(books: Books, { acknowledges }: Evidence, answer: Answer): void {
  const { stream, sequence, outcome, first, baseOffset } = answer;
  if (!acknowledges || outcome === 'unknown') stream.unknown.add(sequence);
  else if (outcome === 'failed') stream.refused.add(sequence);
  else {
    const offset = baseOffset < 0 ? null : baseOffset + (sequence - first);
    stream.acknowledged.push({ sequence, offset });
    if (offset !== null) (books.places[stream.place] as Partition).told.add(offset);
  }
}

function judgeStream(books: Books, evidence: Evidence, stream: Stream): void {
  for (const [sequence, offsets] of stream.copies) {
    books.count('duplicate', offsets.length - 1);
    if (stream.refused.has(sequence)) books.count('phantom');
    if (!evidence.died && sequence > Math.max(-1, ...stream.sent)) books.count('phantom');
    // A later one stands before the first copy.
    const mine = offsets[0] as number;
    const overtaken = [...stream.copies].some(
      ([other, [first = Infinity]]) => other > sequence && first < mine,
    );
    if (overtaken) books.count('reorder');
  }
  for (const record of stream.acknowledged) judgeAcknowledged(books, evidence, stream, record);
}

function judgeAcknowledged(
  books: Books,
  evidence: Evidence,
  stream: Stream,
  { sequence, offset }: Acknowledged,
): void {
  const copies = stream.copies.get(sequence);
  const lookedAt = offset !== null && wasLookedAt(evidence, stream.place, offset);
  if (copies !== undefined) {
    if (lookedAt && !copies.includes(offset)) books.count('inconsistent-offset');
    return;
  }
  const lost = offset === null ? isMissing(evidence, stream, sequence) : lookedAt;
  if (lost) books.count('acknowledged-loss');
}

function wasLookedAt({ reach }: Evidence, place: number, offset: number): boolean {
  const { start, position, end } = reach[place] as Evidence['reach'][0];
  return offset >= start && (position >= end || offset < position);
}

/** Its neighbours say that it is gone: not with the log's beginning, and not behind what the audit reached. */
function isMissing({ reach }: Evidence, stream: Stream, sequence: number): boolean {
  const { start, position, end } = reach[stream.place] as Evidence['reach'][0];
  const read = [...stream.copies.keys()];
  const known = new Set(stream.acknowledged.map((one) => one.sequence));
  const inOrder = read.filter((one) => known.has(one) && !stream.refused.has(one));
  if (start > 0 && inOrder.every((one) => one > sequence)) return false;
  return position >= end || read.some((one) => one > sequence);
}

function judgePlace(books: Books, evidence: Evidence, place: Partition, number: number): void {
  const { records, markers, told, delivered, committed } = place;
  const { start, position, end } = evidence.reach[number] as Evidence['reach'][0];
  for (let offset = start; offset < Math.min(position, end); offset++) {
    const explained = [records, markers, told, delivered].some((some) => some.has(offset));
    if (!explained) books.count('unexplained-gap');
  }
  const cameTo = Math.max(committed, ...[...delivered].map((offset) => offset + 1));
  for (const offset of records) {
    if (offset < cameTo && !delivered.has(offset)) books.count('skipped-delivery');
  }
  for (const offset of delivered) {
    if (wasLookedAt(evidence, number, offset) && !records.has(offset))
      books.count('read-then-lost');
  }
}

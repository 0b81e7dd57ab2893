/** What the audit found, indexed for the guarantees: one pass over its ledger, memory by intervals. */
import type { EventOf } from '../evidence/events.ts';
import { type RawEntry, readLedger } from '../evidence/ledger.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Place, RelayedStream, Stream } from '../evidence/streams.ts';
import type { CheckerMemory } from './checker-memory.ts';
import type { ExactBlocks } from './exact-blocks.ts';
import { IntervalSet } from './interval-set.ts';
import { ReadRuns } from './read-runs.ts';

/** How far one partition was audited. */
export type PlaceAudit = Omit<EventOf<'audit'>, 't' | 'type' | 'topic' | 'partition'>;

export type PlaceIndex = Place & {
  /** null: it was never audited. */
  readonly audit: PlaceAudit | null;
  /** How far the second reading came, at isolation read_committed; null: there was none. */
  readonly committedAudit: PlaceAudit | null;
  /** Offsets at which the audit saw a record, whosever it was. */
  readonly visible: IntervalSet;
  /** Offsets at which the second reading saw a record of this run. */
  readonly committed: IntervalSet;
  /** Offsets of control records, which nobody is ever handed. */
  readonly markers: IntervalSet;
  /** Offsets of records that are not of this run. */
  readonly foreign: IntervalSet;
  /** Offsets that were in the log once and then were not. */
  readonly truncated: IntervalSet;
};

export type StreamIndex = Stream & {
  readonly number: number;
  /** Sequences found at least once. */
  readonly read: IntervalSet;
  /** Sequences found by the second reading, which sees what is committed alone. */
  readonly committed: IntervalSet;
  readonly runs: ReadRuns;
};

/** By the sequences of the inputs. */
export type RelayedIndex = RelayedStream & {
  readonly number: number;
  /** Of the input stream. */
  readonly partition: number;
  readonly read: IntervalSet;
  readonly committed: IntervalSet;
};

export type AuditIndex = {
  readonly places: readonly PlaceIndex[];
  readonly streams: readonly StreamIndex[];
  /** Stream number `streams.length + i` is the i-th of these. */
  readonly relayed: readonly RelayedIndex[];
  /** The history is too broken up to be held in the memory there is: the index is empty, as if nothing was audited. */
  readonly overflow: boolean;
};

/** Told of everything in the audit's ledger that an index cannot say any more. */
export type AuditListener = {
  /** Of records of this run, wherever they stand. */
  readonly onAny: (place: PlaceIndex, entry: RawEntry) => void;
  /** Before [entry.first, + count) is added to what was read of the stream. */
  readonly onRead: (stream: StreamIndex, entry: RawEntry) => void;
  /** Of either reading, before [entry.first, + count) is added to what was seen of the relay's stream. */
  readonly onRelayed: (stream: RelayedIndex, place: PlaceIndex, entry: RawEntry) => void;
  readonly onDamaged: (place: PlaceIndex, entry: RawEntry) => void;
  /** A record of this run in a partition it was not sent to, or of a stream there never was. */
  readonly onMisplaced: (
    place: PlaceIndex,
    stream: StreamIndex | undefined,
    entry: RawEntry,
  ) => void;
};

/** What is held of it: how much, and of which records it is held where each stands. */
export type Holding = { readonly memory: CheckerMemory; readonly exact: ExactBlocks };

export function indexAudit(
  evidence: RunEvidence,
  { memory, exact }: Holding,
  listener: AuditListener,
): AuditIndex {
  const index = emptyIndex(evidence, auditsOf(evidence), exact);
  for (const { visible, committed, markers, foreign, truncated } of index.places) {
    memory.watch([visible, committed, markers, foreign, truncated]);
  }
  for (const { read, committed, runs } of index.streams) memory.watch([read, committed, runs]);
  for (const { read, committed } of index.relayed) memory.watch([read, committed]);
  if (evidence.auditLedger !== null) {
    readLedger(evidence.auditLedger, (entry) => {
      if (memory.holds()) indexEntry(index, entry, listener);
    });
  }
  memory.look();
  return memory.exceeded ? blindIndex(evidence, exact) : { ...index, overflow: false };
}

/** Of a history that cannot be held. */
export const blindIndex = (evidence: RunEvidence, exact: ExactBlocks): AuditIndex => ({
  ...emptyIndex(evidence, new Map(), exact),
  overflow: true,
});

function auditsOf({ events }: RunEvidence): ReadonlyMap<string, PlaceAudit> {
  const audits = new Map<string, PlaceAudit>();
  for (const event of events) {
    if (event.type !== 'audit' && event.type !== 'audit-committed') continue;
    audits.set(`${event.type} ${event.topic}/${event.partition}`, event);
  }
  return audits;
}

function emptyIndex(
  { streams }: RunEvidence,
  audits: ReadonlyMap<string, PlaceAudit>,
  exact: ExactBlocks,
): Omit<AuditIndex, 'overflow'> {
  const places = streams.partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    audit: audits.get(`audit ${topic}/${partition}`) ?? null,
    committedAudit: audits.get(`audit-committed ${topic}/${partition}`) ?? null,
    visible: new IntervalSet(),
    committed: new IntervalSet(),
    markers: new IntervalSet(),
    foreign: new IntervalSet(),
    truncated: new IntervalSet(),
  }));
  return {
    places,
    streams: streams.streams.map((stream, number) => ({
      ...stream,
      number,
      read: new IntervalSet(),
      committed: new IntervalSet(),
      runs: new ReadRuns(places[stream.place]?.audit?.from ?? 0, exact.of(number)),
    })),
    relayed: (streams.relayed ?? []).map((relayed, i) => ({
      ...relayed,
      number: streams.streams.length + i,
      partition: streams.streams[relayed.source]?.partition ?? 0,
      read: new IntervalSet(),
      committed: new IntervalSet(),
    })),
  };
}

function indexEntry(
  index: Omit<AuditIndex, 'overflow'>,
  entry: RawEntry,
  listener: AuditListener,
): void {
  const place = index.places[entry.place];
  if (place === undefined) {
    throw new Error(`the audit's ledger names place ${entry.place}, which the run does not have`);
  }
  const end = entry.baseOffset + entry.count;
  if (entry.kind === 'marker') {
    place.markers.add(entry.baseOffset, end);
    return;
  }
  if (entry.kind === 'read-committed') {
    indexCommitted(index, place, entry, listener);
    return;
  }
  place.visible.add(entry.baseOffset, end);
  if (entry.kind === 'damaged') listener.onDamaged(place, entry);
  if (entry.kind === 'foreign') place.foreign.add(entry.baseOffset, end);
  if (entry.kind !== 'read') return;
  listener.onAny(place, entry);
  const relayed = relayedOf(index, entry);
  if (relayed !== undefined) {
    listener.onRelayed(relayed, place, entry);
    relayed.read.add(entry.first, entry.first + entry.count);
    return;
  }
  const stream = index.streams[entry.stream];
  if (stream === undefined || stream.place !== entry.place) {
    listener.onMisplaced(place, stream, entry);
    return;
  }
  listener.onRead(stream, entry);
  stream.read.add(entry.first, entry.first + entry.count);
  stream.runs.push(entry.first, entry.count, entry.baseOffset);
}

/** A second look at what the first one, which sees all, has told already: what is damaged or misplaced, too. */
function indexCommitted(
  index: Omit<AuditIndex, 'overflow'>,
  place: PlaceIndex,
  entry: RawEntry,
  listener: AuditListener,
): void {
  const { stream, first, count, baseOffset, place: number } = entry;
  place.committed.add(baseOffset, baseOffset + count);
  const relayed = relayedOf(index, entry);
  if (relayed !== undefined) {
    listener.onRelayed(relayed, place, entry);
    relayed.committed.add(first, first + count);
  }
  const of = index.streams[stream];
  if (of?.place === number) of.committed.add(first, first + count);
}

const relayedOf = (
  { streams, relayed }: Pick<AuditIndex, 'streams' | 'relayed'>,
  { stream }: RawEntry,
): RelayedIndex | undefined => relayed[stream - streams.length];

export const producerName = ({ load, producer }: Stream): string => `${load} #${producer}`;

/**
 * Acknowledged loss (D1, lost write): the client was told that the record is written, the audit read past the
 * record's place, and the record is not in the log. Not a loss: records below the log's start (retention or
 * deletion took them), records of a topic that was deleted since, records of compacted topics (a newer record of the
 * key may have replaced them), and records whose place the audit did not reach; the last make the audit incomplete
 * instead. Judged by what was in force between sending and acknowledging it, and since (`changes.ts`).
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceAudit, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';

/** How many of the absent records are lost, and how many have an innocent explanation. */
export type Absence = { lost: number; explained: number; unreached: number };

/**
 * Of the acknowledged records [entry.first, + count) of the stream. `inOrder`: the lowest of its records in the log that
 * stands there as it was sent; what was given up may have arrived late.
 */
export function findLosses(
  stream: StreamIndex,
  audit: PlaceAudit | null,
  compacted: boolean,
  entry: RawEntry,
  inOrder: () => number,
  found: { readonly findings: Findings; readonly forgotten: Forgotten },
): Absence {
  const total: Absence = { lost: 0, explained: 0, unreached: 0 };
  const { first, count } = entry;
  stream.read.split(
    first,
    first + count,
    () => {},
    (from, to) => {
      const absence = explain(stream, audit, compacted, entry, { from, to, inOrder });
      total.lost += absence.lost;
      total.explained += absence.explained;
      total.unreached += absence.unreached;
      if (absence.lost > 0) {
        reportLost(stream, from + absence.explained, absence.lost, entry, found);
      }
    },
  );
  return total;
}

type Missing = { readonly from: number; readonly to: number; readonly inOrder: () => number };

/** Why the records [from, to) are absent. */
function explain(
  stream: StreamIndex,
  audit: PlaceAudit | null,
  compacted: boolean,
  { first, baseOffset }: RawEntry,
  missing: Missing,
): Absence {
  const { from, to } = missing;
  if (audit === null) return { lost: 0, explained: 0, unreached: to - from };
  if (compacted) return { lost: 0, explained: to - from, unreached: 0 };
  return baseOffset < 0
    ? bySequence(stream, audit, missing)
    : byOffset(audit, baseOffset + (from - first), to - from);
}

/** The offsets [offset, + count) are absent: below the log's start, lost, or beyond what the audit read. */
function byOffset(audit: PlaceAudit, offset: number, count: number): Absence {
  const explained = clamp(audit.logStart - offset, 0, count);
  const reached = audit.complete ? count : clamp(audit.position - offset, 0, count);
  const lost = Math.max(0, reached - explained);
  return { explained, lost, unreached: count - explained - lost };
}

/** The client did not say where the records are: their neighbours in the stream do. */
function bySequence(
  stream: StreamIndex,
  audit: PlaceAudit,
  { from, to, inOrder }: Missing,
): Absence {
  const count = to - from;
  const shortened = audit.logStart > audit.from;
  if (shortened && from < inOrder()) {
    return { explained: count, lost: 0, unreached: 0 };
  }
  return audit.complete || stream.read.end > to
    ? { explained: 0, lost: count, unreached: 0 }
    : { explained: 0, lost: 0, unreached: count };
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));

function reportLost(
  stream: StreamIndex,
  sequence: number,
  count: number,
  entry: RawEntry,
  { findings, forgotten }: { readonly findings: Findings; readonly forgotten: Forgotten },
): void {
  const { first, baseOffset, timeUs } = entry;
  const excused = forgotten.acknowledged(stream.topic, stream.partition, timeUs);
  // Without an offset only the moment tells.
  const offset = baseOffset < 0 ? 0 : baseOffset + (sequence - first);
  const from = baseOffset < 0 && excused < Infinity ? 0 : excused;
  const owed = clamp(from - offset, 0, count);
  if (owed > 0) report(stream, sequence, owed, entry, null, findings);
  if (owed < count) report(stream, sequence + owed, count - owed, entry, FORGOTTEN, findings);
}

function report(
  stream: StreamIndex,
  sequence: number,
  count: number,
  entry: RawEntry,
  excuse: string | null,
  findings: Findings,
): void {
  const { topic, partition } = stream;
  const { first, baseOffset, timeUs, attempts } = entry;
  findings.add({ kind: 'acknowledged-loss', load: stream.load, topic, excuse }, count, () => ({
    topic,
    partition,
    offset: baseOffset < 0 ? null : baseOffset + (sequence - first),
    producer: producerName(stream),
    sequence,
    timeUs,
    note: `acknowledged after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}; ${count} ${count === 1 ? 'record' : 'records'} from here on`,
  }));
}

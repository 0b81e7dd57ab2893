/** Every guarantee about what was acknowledged, over one answer of a client. */
import type { RawEntry } from '../evidence/ledger.ts';
import { findLosses } from './acknowledged-loss.ts';
import type { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import type { AuditIndex } from './audit-index.ts';
import type { CompactedKeys } from './compaction-loss.ts';
import type { History, StreamTally } from './history.ts';
import { findInconsistentOffsets } from './inconsistent-offsets.ts';
import { isCompacted } from './promises.ts';
import { findRealtimeReorder } from './realtime-reorder.ts';
import type { Retention } from './retention.ts';
import { findRemoved } from './retention-gap.ts';
import type { Sending } from './sendings.ts';

/** What the passes over the workers' ledgers add to. */
export type Found = Pick<History, 'findings' | 'forgotten' | 'changes'> & {
  readonly retention: Retention;
  readonly keys: CompactedKeys;
  /** By place. */
  readonly told: readonly AcknowledgedOffsets[];
};

/** By what was in force for these records; what was sent to a topic that was deleted since is owed to nobody. */
export function judgeAcknowledged(
  index: AuditIndex,
  tally: StreamTally,
  { entry, sending, told }: { entry: RawEntry; sending: Sending | null; told: AcknowledgedOffsets },
  found: Found,
): void {
  const stream = tally.index;
  const sentUs = sending?.sentUs ?? -Infinity;
  if (found.changes.isOfFormer(stream.topic, sentUs)) return;
  const under = found.changes.inForce(stream.topic, { sentUs, acknowledgedUs: entry.timeUs });
  const judging = { ...found, findings: found.findings.under(under) };
  const place = index.places[stream.place];
  const audit = place?.audit ?? null;
  const compacted = isCompacted(under, stream.topic);
  if (entry.transaction < 0) tallyLosses(index, tally, entry, compacted, judging);
  findInconsistentOffsets(stream, audit, entry, judging);
  if (entry.transaction < 0) found.keys.acknowledged(stream, entry);
  // What compaction took says nothing about where it stood, nor about retention.
  if (place !== undefined && !compacted) {
    findRemoved({ stream, place }, found.retention, sending, entry, judging.findings);
  }
  findRealtimeReorder({ stream, audit: compacted ? null : audit }, told, sending, entry, judging);
}

/** Of acknowledged records that must be in the log. */
export function tallyLosses(
  { places }: AuditIndex,
  tally: StreamTally,
  entry: RawEntry,
  compacted: boolean,
  found: Pick<History, 'findings' | 'forgotten'>,
): void {
  const audit = places[tally.index.place]?.audit ?? null;
  const absence = findLosses(
    tally.index,
    audit,
    compacted,
    entry,
    () => lowestInOrder(tally),
    found,
  );
  tally.lost += absence.lost;
  tally.unreached += absence.unreached;
}

/** Of what the audit read and a client was told to be written; Infinity: nothing. What was refused may stand anywhere. */
function lowestInOrder({
  index: { read },
  answered,
  unsure,
  refusedButWritten,
}: StreamTally): number {
  let lowest = Infinity;
  const told = (from: number): void => {
    lowest = Math.min(lowest, from);
  };
  const sure = (from: number, to: number): void =>
    refusedButWritten.split(from, to, () => {}, told);
  read.each(0, read.end, (from, to) =>
    answered.each(from, to, (start, end) => unsure.split(start, end, () => {}, sure)),
  );
  return lowest;
}

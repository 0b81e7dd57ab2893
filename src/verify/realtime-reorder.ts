/**
 * Realtime reorder (O2): record 1 was acknowledged before record 2 was given to its client, by the one clock of the
 * harness, and record 2 stands at a lower offset of the same partition. Whoever acted on the first answer, from any
 * producer, finds his record before its cause. Kafka appends in the order of arrival, so it is a failure where the
 * tail of a log must not be cut and written anew (no acknowledged loss), expected where it may be, and impossible
 * with acks=0, which names no offsets. Attempts that are repeated do not excuse it: all come after the send.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { type PlaceAudit, producerName, type StreamIndex } from './audit-index.ts';
import { excuseOf, type Found, findReusedOffsets, reportReuse } from './offset-reuse.ts';
import type { Sending } from './sendings.ts';

/**
 * Of acknowledged records whose offset is told. An offset that was told before is a reuse and nothing else; so is one
 * at which the audit found no such record.
 */
export function findRealtimeReorder(
  { stream, audit }: { readonly stream: StreamIndex; readonly audit: PlaceAudit | null },
  told: AcknowledgedOffsets,
  sending: Sending | null,
  entry: RawEntry,
  found: Found,
): void {
  const { baseOffset, count, first, timeUs } = entry;
  if (baseOffset < 0) return;
  const reused = findReusedOffsets(stream, told, entry, found);
  told.add(baseOffset, baseOffset + count, timeUs);
  const known = sending?.known ?? -1;
  if (reused > 0 || baseOffset > known) return;
  const end = Math.min(baseOffset + count, known + 1);
  if (isElsewhere(stream, audit, entry)) {
    const note = `offset ${known} had been acknowledged before it was sent, and it is not there`;
    reportReuse(stream, entry, baseOffset, end, note, found);
    return;
  }
  const { topic, partition, load } = stream;
  const excuse = excuseOf(stream, baseOffset, entry, found);
  found.findings.add({ kind: 'realtime-reorder', load, topic, excuse }, end - baseOffset, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: producerName(stream),
    sequence: first,
    timeUs,
    note: `offset ${known} had been acknowledged before it was sent`,
  }));
}

/** The audit passed the place and did not read the record there, and neither retention nor compaction took it. */
function isElsewhere(
  stream: StreamIndex,
  audit: PlaceAudit | null,
  { baseOffset, first, count }: RawEntry,
): boolean {
  if (audit === null || baseOffset < audit.logStart) return false;
  const reached = audit.complete || baseOffset + count <= audit.position;
  return reached && stream.runs.matching(first, count, baseOffset) === 0;
}

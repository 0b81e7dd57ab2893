/**
 * Inconsistent offset (C5, C6): the acknowledgement named an offset, and the audit read the record only at
 * another one. Clients that keep offsets as references would point at somebody else's record. A record that is
 * not in the log at all is a loss, and one that is there twice is consistent when one copy is where it was said, or may be
 * or have been: below the log's start, or behind what the audit reached.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceAudit, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';

/** Of the acknowledged records [entry.first, + count); needs their offset. */
export function findInconsistentOffsets(
  stream: StreamIndex,
  audit: PlaceAudit | null,
  entry: RawEntry,
  { findings, forgotten }: { readonly findings: Findings; readonly forgotten: Forgotten },
): void {
  const { first, count, baseOffset, timeUs } = entry;
  if (baseOffset < 0 || audit === null) return;
  stream.runs.acknowledged(first, count, baseOffset);
  const matched = stream.runs.matching(first, count, baseOffset);
  if (matched === count) return;
  stream.read.each(first + matched, first + count, (from, to) => {
    for (let sequence = from; sequence < to; sequence++) {
      const said = baseOffset + (sequence - first);
      if (!wasLookedAt(audit, said) || stream.runs.matching(sequence, 1, said) === 1) continue;
      const { topic, partition, load } = stream;
      // Where acknowledged records are gone, their offsets are given to others.
      const excuse = said < forgotten.acknowledged(topic, partition, timeUs) ? null : FORGOTTEN;
      findings.add({ kind: 'inconsistent-offset', load, topic, excuse }, 1, () => ({
        topic,
        partition,
        offset: said,
        producer: producerName(stream),
        sequence,
        timeUs,
        note: `acknowledged at offset ${said}, read at offset ${stream.runs.offsetOf(sequence)}`,
      }));
    }
  });
}

const wasLookedAt = (audit: PlaceAudit, offset: number): boolean =>
  offset >= audit.logStart && (audit.complete || offset < audit.position);

/**
 * Offset reuse (C6, spurious offset): an acknowledgement names an offset that an earlier one named for another record;
 * or one below what was known of the partition before the record was sent, where the audit found something else. An
 * offset is the name of one record for ever, as consumers keep it as a reference. It happens when a log was cut and
 * went on, so it is a failure where acknowledged records must not be lost, expected where they may be, and impossible
 * with acks=0, which names no offsets.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';

export type Found = { readonly findings: Findings; readonly forgotten: Forgotten };

/** To be called before the offsets of the entry are added to those told. Returns how many were told before. */
export function findReusedOffsets(
  stream: StreamIndex,
  told: AcknowledgedOffsets,
  entry: RawEntry,
  found: Found,
): number {
  const { baseOffset, count } = entry;
  let reused = 0;
  told.taken.each(baseOffset, baseOffset + count, (from, to) => {
    reused += to - from;
    reportReuse(stream, entry, from, to, 'another record was acknowledged there before', found);
  });
  return reused;
}

/** The offsets [from, to) of the entry. */
export function reportReuse(
  stream: StreamIndex,
  entry: RawEntry,
  from: number,
  to: number,
  note: string,
  found: Found,
): void {
  const { topic, partition, load } = stream;
  const { first, baseOffset, timeUs } = entry;
  const excuse = excuseOf(stream, from, entry, found);
  found.findings.add({ kind: 'offset-reuse', load, topic, excuse }, to - from, () => ({
    topic,
    partition,
    offset: from,
    producer: producerName(stream),
    sequence: first + (from - baseOffset),
    timeUs,
    note,
  }));
}

/** What faults took from every disk by then, the log goes on without. */
export const excuseOf = (
  { topic, partition }: StreamIndex,
  offset: number,
  { timeUs }: RawEntry,
  { forgotten }: Found,
): string | null => (offset < forgotten.missed(topic, partition, timeUs) ? null : FORGOTTEN);

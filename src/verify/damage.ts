/**
 * Damaged (C3, CORRUPT): a record begins with this run's stamp, but the stamp's checksum or the value's length is
 * not what was written. Nothing in a configuration excuses it.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

export function findDamage(place: PlaceIndex, entry: RawEntry, findings: Findings): void {
  const { topic, partition } = place;
  findings.add({ kind: 'damaged', load: null, topic, excuse: null }, entry.count, () => ({
    topic,
    partition,
    offset: entry.baseOffset,
    producer: null,
    sequence: null,
    timeUs: null,
    note: 'the stamp or the length of the value is not what was written',
  }));
}

/**
 * Unexplained gap (C8): an offset within the audited range at which nothing stands: no record, whosever it is, and no
 * control record. Offsets are given one after the other to what is appended, so a hole means that something was there.
 * An offset that was acknowledged for a record, or handed to a group, is told as a loss instead. A failure, but: on
 * compacted topics holes are what compaction leaves, and where others write as well it is expected, because an
 * older audit did not note the control records of their transactions.
 */
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import type { IntervalSet } from './interval-set.ts';

/** `told`: offsets whose emptiness has another name. */
export function findGaps(
  place: PlaceIndex,
  told: readonly IntervalSet[],
  findings: Findings,
): void {
  const { audit, topic, partition } = place;
  if (audit === null) return;
  const begin = Math.max(audit.from, audit.logStart);
  const excuse = place.foreign.first === null ? null : 'others write to this partition as well';
  const empty = (from: number, to: number): void =>
    findings.add({ kind: 'unexplained-gap', load: null, topic, excuse }, to - from, () => ({
      topic,
      partition,
      offset: from,
      producer: null,
      sequence: null,
      timeUs: null,
      note: `nothing stands at the ${to - from} ${to - from === 1 ? 'offset' : 'offsets'} from here on`,
    }));
  const without = told.reduceRight<(from: number, to: number) => void>(
    (rest, set) => (from, to) => set.split(from, to, () => {}, rest),
    empty,
  );
  const unread = (from: number, to: number): void =>
    place.markers.split(from, to, () => {}, without);
  place.visible.split(begin, Math.max(begin, Math.min(audit.position, audit.to)), () => {}, unread);
}

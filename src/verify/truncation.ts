/**
 * Truncation (D4): the log became shorter than it had been seen. A partition's high watermark fell from one sample to a
 * later one, or to the end that the audit found. What lies below the high watermark all replicas in sync have, so it
 * is a failure with clean elections, and expected with unclean ones or where faults took it from all disks.
 */
import type { ClusterSample } from '../evidence/series.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Changes } from './changes.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';

type Found = {
  readonly findings: Findings;
  readonly forgotten: Forgotten;
  readonly changes: Changes;
};

/** A log was still whole, as far as anybody saw, at `fromUs`, and not any more at `timeUs` (null: in the end). */
type Fall = { readonly fromUs: number; readonly timeUs: number | null; readonly note: string };
type End = { readonly offset: number; readonly seenUs: number };

/** Follows every partition's high watermark through the samples and to the audited end. */
export function findShrunkLogs(
  places: readonly PlaceIndex[],
  samples: readonly ClusterSample[],
  found: Found,
): void {
  const byName = new Map(places.map((place) => [`${place.topic}/${place.partition}`, place]));
  const highest = new Map<PlaceIndex, End>();
  for (const sample of samples) {
    if (sample.type !== 'offsets') continue;
    const place = byName.get(`${sample.topic}/${sample.partition}`);
    if (sample.t <= found.changes.bornUs(sample.topic)) continue;
    if (place !== undefined) follow(place, sample.highWatermark, sample.t, highest, found);
  }
  for (const place of highest.keys()) {
    if (place.audit?.complete) follow(place, place.audit.to, null, highest, found);
  }
}

function follow(
  place: PlaceIndex,
  offset: number,
  timeUs: number | null,
  highest: Map<PlaceIndex, End>,
  found: Found,
): void {
  const before = highest.get(place);
  highest.set(place, { offset, seenUs: timeUs ?? Infinity });
  if (before === undefined || offset >= before.offset) return;
  const note = `the log ended at offset ${before.offset} and then at ${offset}`;
  report(place, offset, before.offset, { fromUs: before.seenUs, timeUs, note }, found);
}

/** Every offset is counted once. */
function report(
  place: PlaceIndex,
  from: number,
  to: number,
  { fromUs, timeUs, note }: Fall,
  { findings, forgotten, changes }: Found,
): void {
  const { topic, partition } = place;
  const under = changes.inForce(topic, { sentUs: fromUs, acknowledgedUs: timeUs ?? Infinity });
  const excused = forgotten.missed(topic, partition, timeUs);
  const add = (start: number, end: number, excuse: string | null): void => {
    if (start >= end) return;
    findings
      .under(under)
      .add({ kind: 'truncation', load: null, topic, excuse }, end - start, () => ({
        topic,
        partition,
        offset: start,
        producer: null,
        sequence: null,
        timeUs,
        note,
      }));
  };
  const fresh = (start: number, end: number): void => {
    add(start, Math.min(end, excused), null);
    add(Math.max(start, excused), end, FORGOTTEN);
  };
  place.truncated.split(from, to, () => {}, fresh);
  place.truncated.add(from, to);
}

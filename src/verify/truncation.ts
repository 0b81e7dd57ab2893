/**
 * Truncation (D3, D4): the log became shorter than consumers had already seen it. Either a partition's high
 * watermark fell from one sample to a later one, or to the end the audit found; or a record was handed to a
 * consumer and is not in the log any more although retention did not take it. Only an unclean election may do that,
 * or faults that took it from the disks of all replicas.
 */
import type { ClusterSample } from '../evidence/series.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';
import type { GroupPlace } from './group-delivery.ts';

type Found = { readonly findings: Findings; readonly forgotten: Forgotten };

/** Follows every partition's high watermark through the samples and to the audited end. */
export function findShrunkLogs(
  places: readonly PlaceIndex[],
  samples: readonly ClusterSample[],
  found: Found,
): void {
  const byName = new Map(places.map((place) => [`${place.topic}/${place.partition}`, place]));
  const highest = new Map<PlaceIndex, number>();
  for (const sample of samples) {
    if (sample.type !== 'offsets') continue;
    const place = byName.get(`${sample.topic}/${sample.partition}`);
    if (place !== undefined) follow(place, sample.highWatermark, sample.t, highest, found);
  }
  for (const place of highest.keys()) {
    if (place.audit?.complete) follow(place, place.audit.to, null, highest, found);
  }
}

function follow(
  place: PlaceIndex,
  end: number,
  timeUs: number | null,
  highest: Map<PlaceIndex, number>,
  found: Found,
): void {
  const before = highest.get(place) ?? end;
  highest.set(place, end);
  if (end >= before) return;
  report(place, end, before, timeUs, `the log ended at offset ${before} and then at ${end}`, found);
}

/** Records a group was handed and the audit, having passed their place, did not see. */
export function findReadThenGone(
  group: string,
  state: GroupPlace,
  place: PlaceIndex,
  found: Found,
): void {
  const { audit } = place;
  if (audit === null) return;
  const begin = Math.max(audit.from, audit.logStart);
  const end = audit.complete ? state.delivered.end : audit.position;
  const note = `group ${group} was handed records from here on that the log no longer has`;
  const gone = (from: number, to: number): void => report(place, from, to, null, note, found);
  state.delivered.each(begin, Math.max(begin, end), (from, to) =>
    place.visible.split(from, to, () => {}, gone),
  );
}

/** Every offset is counted once, by whichever sign of its loss comes first. */
function report(
  place: PlaceIndex,
  from: number,
  to: number,
  timeUs: number | null,
  note: string,
  { findings, forgotten }: Found,
): void {
  const { topic, partition } = place;
  const excused = forgotten.missed(topic, partition, timeUs);
  const add = (start: number, end: number, excuse: string | null): void => {
    if (start >= end) return;
    findings.add({ kind: 'truncation', load: null, topic, excuse }, end - start, () => ({
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

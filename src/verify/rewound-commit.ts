/**
 * Rewound commit (G2): the committed offset of a group went back, although nobody reset it. Either a member committed
 * less than had been committed before it got the partition, or than it had committed itself; or the coordinator, asked
 * by the harness, told less than it had told before. A failure where acknowledged commits are kept, expected where the
 * offsets topic may lose its end. What a coordinator tells while something is broken proves nothing: it may be deposed.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { ClusterSample } from '../evidence/series.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Disturbances } from './disturbances.ts';
import type { Findings } from './findings.ts';
import type { Delivery } from './group-positions.ts';
import type { Member } from './members.ts';

/** To be called before the commit is added to the member. */
export function findRewound(
  { load, group, place, findings }: Delivery,
  member: Member,
  { baseOffset, timeUs }: RawEntry,
): void {
  const { floor, committed, consumer, active } = member;
  const before = Math.max(floor ?? -1, committed ?? -1);
  if (!active || baseOffset >= before) return;
  // Told once; it goes on from here.
  member.floor = null;
  const { topic, partition } = place;
  findings.add({ kind: 'rewound-commit', load, topic, excuse: null }, 1, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: null,
    sequence: null,
    timeUs,
    note: `consumer ${consumer} of group ${group} committed it, after offset ${before} had been committed`,
  }));
}

type Group = { readonly group: string; readonly load: string; readonly topic: string };

/** What the coordinator told of the group, sample by sample. */
export function findFallenCommits(
  { group, load, topic }: Group,
  places: readonly PlaceIndex[],
  samples: readonly ClusterSample[],
  disturbances: Disturbances,
  findings: Findings,
): void {
  const last = new Map<number, { readonly t: number; readonly offset: number }>();
  for (const sample of samples) {
    if (sample.type !== 'committed' || sample.group !== group) continue;
    const { t, partition, offset } = sample;
    const before = last.get(partition) ?? sample;
    last.set(partition, { t, offset });
    if (offset >= before.offset || disturbances.at(t) || disturbances.at(before.t)) continue;
    if (!places.some((place) => place.topic === topic && place.partition === partition)) continue;
    findings.add({ kind: 'rewound-commit', load, topic, excuse: null }, 1, () => ({
      topic,
      partition,
      offset: offset < 0 ? null : offset,
      producer: null,
      sequence: null,
      timeUs: t,
      note: `the coordinator told offset ${before.offset} of group ${group}, and then ${offset < 0 ? 'none' : offset}`,
    }));
  }
}

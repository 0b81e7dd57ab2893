/** What consumer groups have committed, and how far they are behind: high watermark minus that, over the topic. */
import type { ClusterSample } from '../evidence/series.ts';
import type { Admin } from '../wire/admin.ts';
import { LOOK } from './look.ts';
import type { PartitionOffsets } from './offsets.ts';

export type GroupWatch = { readonly group: string; readonly topic: string };

type Committed = { readonly partition: number; readonly offset: number };

/** Of the partitions whose offsets are given; -1 where nothing is committed. Null when one cannot be asked for now. */
export async function sampleCommitted(
  admin: Admin,
  { group, topic }: GroupWatch,
  offsets: readonly PartitionOffsets[],
): Promise<readonly Committed[] | null> {
  const partitions = offsets.flatMap((found) => (found.topic === topic ? [found.partition] : []));
  if (partitions.length === 0) return null;
  const answers = await admin.committedOffsets(group, topic, partitions, LOOK);
  const known = answers.filter(({ errorCode }) => errorCode === 0);
  const whole = partitions.every((partition) => known.some((one) => one.partition === partition));
  return whole ? known.map(({ partition, offset }) => ({ partition, offset })) : null;
}

/** Null when a partition cannot be asked for now: a sum without it would flatter. */
export async function sampleLag(
  admin: Admin,
  watch: GroupWatch,
  offsets: readonly PartitionOffsets[],
): Promise<number | null> {
  const committed = await sampleCommitted(admin, watch, offsets);
  return committed === null ? null : lagOf(watch, committed, offsets);
}

export function lagOf(
  { topic }: GroupWatch,
  committed: readonly Committed[],
  offsets: readonly PartitionOffsets[],
): number {
  let lag = 0;
  for (const { partition, highWatermark, logStart, ...place } of offsets) {
    if (place.topic !== topic) continue;
    const offset = committed.find((one) => one.partition === partition)?.offset ?? -1;
    lag += Math.max(0, highWatermark - (offset < 0 ? logStart : offset));
  }
  return lag;
}

type CommitSample = Extract<ClusterSample, { readonly type: 'committed' }>;

/** Tells what is committed where it differs from what was last told. */
export function createCommitWatch(
  onSample: (sample: CommitSample) => void,
): (t: number, watch: GroupWatch, committed: readonly Committed[]) => void {
  const told = new Map<string, number>();
  return (t, { group, topic }, committed) => {
    for (const { partition, offset } of committed) {
      const key = JSON.stringify([group, topic, partition]);
      if (told.get(key) === offset) continue;
      told.set(key, offset);
      onSample({ t, type: 'committed', group, topic, partition, offset });
    }
  };
}

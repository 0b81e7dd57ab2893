/** How far a consumer group is behind: high watermark minus what it committed, over its topic's partitions. */
import type { Admin } from '../wire/admin.ts';
import { LOOK } from './look.ts';
import type { PartitionOffsets } from './offsets.ts';

export type GroupWatch = { readonly group: string; readonly topic: string };

/** Null when a partition cannot be asked for now: a sum without it would flatter. */
export async function sampleLag(
  admin: Admin,
  { group, topic }: GroupWatch,
  offsets: readonly PartitionOffsets[],
): Promise<number | null> {
  const mine = offsets.filter((found) => found.topic === topic);
  if (mine.length === 0) return null;
  const committed = await admin.committedOffsets(
    group,
    topic,
    mine.map(({ partition }) => partition),
    LOOK,
  );
  let lag = 0;
  for (const { partition, highWatermark, logStart } of mine) {
    const found = committed.find((one) => one.partition === partition);
    if (found === undefined || found.errorCode !== 0) return null;
    lag += Math.max(0, highWatermark - (found.offset < 0 ? logStart : found.offset));
  }
  return lag;
}

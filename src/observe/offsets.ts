/** High watermark and log start of every partition, asked of their leaders; those without one are left out. */
import type { Admin } from '../wire/admin.ts';
import { LOOK } from './look.ts';

export type PartitionOffsets = {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: number;
  readonly logStart: number;
};

export async function sampleOffsets(
  admin: Admin,
  topics: readonly string[],
): Promise<readonly PartitionOffsets[]> {
  const { topics: found } = await admin.metadata(topics, LOOK);
  const places = found.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ leader }) => leader >= 0)
      .map(({ partition }) => ({ topic: name, partition })),
  );
  const ask = (at: 'earliest' | 'latest') =>
    admin.listOffsets(
      places.map((place) => ({ ...place, at })),
      LOOK,
    );
  const [latest, earliest] = await Promise.all([ask('latest'), ask('earliest')]);
  return places.flatMap((place, i) => {
    const high = latest[i];
    const low = earliest[i];
    return high?.errorCode === 0 && low?.errorCode === 0
      ? [{ ...place, highWatermark: high.offset, logStart: low.offset }]
      : [];
  });
}

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
  const led = found.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ leader }) => leader >= 0)
      .map(({ partition, leaderEpoch }) => ({ topic: name, partition, leaderEpoch })),
  );
  const places = led.map(({ topic, partition }) => ({ topic, partition }));
  const ask = (at: 'earliest' | 'latest') =>
    admin.listOffsets(
      places.map((place) => ({ ...place, at })),
      LOOK,
    );
  const [latest, earliest] = await Promise.all([ask('latest'), ask('earliest')]);
  return places.flatMap((place, i) => {
    const high = latest[i];
    const low = earliest[i];
    // A leader that was cut off answers with the frozen watermark of an epoch that is over.
    const epoch = high?.leaderEpoch ?? -1;
    const current = epoch < 0 || epoch >= (led[i]?.leaderEpoch ?? -1);
    return high?.errorCode === 0 && low?.errorCode === 0 && current
      ? [{ ...place, highWatermark: high.offset, logStart: low.offset }]
      : [];
  });
}

/**
 * `add-partitions`: gives a topic more partitions. The load keeps to the partitions it had, so the new ones stay empty;
 * what is tried is how clients take the news, and groups the rebalance. Partitions cannot be taken away: no heal.
 */
import { waitFor } from '../lib/deadline.ts';
import type { AddPartitionsFault } from '../scenario/admin-fault.ts';
import { accept, CALL, changing, onceDone, SEEN } from './admin-call.ts';
import type { Arena, Effect, Fault } from './arena.ts';

export const addPartitions: Fault<AddPartitionsFault> = {
  inject: async (spec, arena) => onceDone(spec.where.topic, run(spec, arena)),
};

async function run(spec: AddPartitionsFault, arena: Arena): Promise<Effect> {
  const { topic } = spec.where;
  const { admin, signal } = arena;
  const placesNow = async () => (await admin.metadata([topic])).topics[0]?.partitions ?? [];
  const before = (await placesNow()).length;
  if (before === 0) throw new Error(`there is no topic ${topic}`);
  const partitions = before + spec.count;
  await changing(arena, spec.name, { kind: 'partitions', topic, partitions }, async () => {
    accept(
      `give ${topic} ${partitions} partitions`,
      await admin.createPartitions(topic, partitions, CALL),
    );
    const led = async () => {
      const places = await placesNow();
      return places.length === partitions && places.every(({ leader }) => leader >= 0);
    };
    await waitFor(`${partitions} partitions of ${topic}`, led, { ...SEEN, signal });
  });
  return { proven: true, evidence: `partitions ${before} → ${partitions}` };
}

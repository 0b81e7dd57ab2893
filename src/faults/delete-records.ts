/**
 * `delete-records`: moves the beginning of partitions' logs up, as retention does, but at once and by order. Consumers
 * that had not read so far go on from the new beginning (`auto.offset.reset`). Nothing to heal.
 */
import { waitFor } from '../lib/deadline.ts';
import type { DeleteRecordsFault, RecordsBefore } from '../scenario/admin-fault.ts';
import { accept, CALL, changing, onceDone, SEEN } from './admin-call.ts';
import type { Arena, Effect, Fault } from './arena.ts';

type Place = { readonly topic: string; readonly partition: number };

export const deleteRecords: Fault<DeleteRecordsFault> = {
  inject: async (spec, arena) => {
    const { topic, partition } = spec.where;
    const { topics } = await arena.admin.metadata([topic]);
    const all = topics[0]?.partitions.map((one) => one.partition) ?? [];
    const places = (partition === null ? all : [partition]).map((one) => ({
      ...{ topic, partition: one },
    }));
    const work = Promise.all(places.map((place) => deleteIn(place, spec, arena))).then(
      (effects) => ({
        proven: effects.length > 0 && effects.every(({ proven }) => proven),
        evidence: effects.map(({ evidence }) => evidence).join('; '),
      }),
    );
    return onceDone(partition === null ? topic : `${topic}/${partition}`, work);
  },
};

async function deleteIn(
  place: Place,
  { name, before }: DeleteRecordsFault,
  arena: Arena,
): Promise<Effect> {
  const where = `${place.topic}/${place.partition}`;
  const { earliest, latest } = await rangeOf(place, arena);
  const offset = offsetOf(before, earliest, latest);
  if (offset <= earliest) {
    return { proven: false, evidence: `${where} begins at offset ${earliest} already` };
  }
  await changing(arena, name, { kind: 'deletion', ...place, before: offset }, async () => {
    accept(`delete records of ${where}`, await arena.admin.deleteRecords(place, offset, CALL));
    const gone = async () => (await rangeOf(place, arena)).earliest >= offset;
    await waitFor(`the new beginning of ${where}`, gone, { ...SEEN, signal: arena.signal });
  });
  return { proven: true, evidence: `${where} begins at offset ${offset}, not at ${earliest}` };
}

async function rangeOf(place: Place, { admin }: Arena) {
  const ends = ['earliest', 'latest'] as const;
  const [low, high] = await admin.listOffsets(
    ends.map((at) => ({ ...place, at })),
    CALL,
  );
  accept(`tell the offsets of ${place.topic}/${place.partition}`, low);
  accept(`tell the offsets of ${place.topic}/${place.partition}`, high);
  return { earliest: low?.offset ?? 0, latest: high?.offset ?? 0 };
}

/** Never beyond the end of the log, where there is nothing to delete yet. */
export function offsetOf(before: RecordsBefore, earliest: number, latest: number): number {
  if (before.kind === 'latest') return latest;
  if (before.kind === 'offset') return Math.min(before.offset, latest);
  return earliest + Math.floor((latest - earliest) * before.share);
}

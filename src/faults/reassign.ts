/**
 * `reassign`: moves the replicas of a partition while it is used, and with them its lead. By default each replica
 * moves to the next broker; where all brokers have one already only their order changes, and with it who leads. Done
 * when the new replicas are all in sync and the first of them leads. With `for` it heals by moving them back, without
 * it they stay.
 */
import { waitFor } from '../lib/deadline.ts';
import type { ReassignFault } from '../scenario/admin-fault.ts';
import type { PartitionMetadata } from '../wire/admin.ts';
import { codeOf } from '../wire/errors.ts';
import { accept, CALL, type Changing, changing, onceDone, stateOf } from './admin-call.ts';
import type { Effect, Fault } from './arena.ts';

/** Copying a partition under load takes a while. */
const MOVED = { timeoutMs: 80_000, everyMs: 200 } as const;
const ACCEPTED = [0, codeOf('ELECTION_NOT_NEEDED'), codeOf('PREFERRED_LEADER_NOT_AVAILABLE')];

export const reassign: Fault<ReassignFault> = {
  inject: async (spec, arena) => {
    const { topic, partition } = spec.where;
    const before = await stateOf(arena.admin, spec.where);
    if (before === null) throw new Error(`there is no partition ${topic}/${partition}`);
    const { brokers } = await arena.admin.metadata([]);
    const ids = brokers.map(({ id }) => id).sort((a, b) => a - b);
    const moved = move(spec, spec.to ?? rotated(before.replicas, ids), arena).then((now) =>
      effectOf(before, now),
    );
    const target = `${topic}/${partition}`;
    const staying = onceDone(target, moved);
    if (spec.forMs === null) return staying;
    return {
      target,
      probe: () => moved,
      heal: async () => {
        await moved.catch(() => {}); // The probe told it.
        // An interruption ends what is waited for, but not the healing.
        await move(spec, before.replicas, { ...arena, signal: undefined });
      },
    };
  },
};

/** Each replica moves to the next of the brokers, the last one's to the first. */
export const rotated = (replicas: readonly number[], brokers: readonly number[]): number[] =>
  replicas.map((id) => brokers[(brokers.indexOf(id) + 1) % brokers.length] ?? id);

/** Moves the partition and gives the first replica the lead. */
function move(
  { name, where: { topic, partition } }: ReassignFault,
  replicas: readonly number[],
  arena: Changing,
): Promise<PartitionMetadata> {
  const { admin, signal } = arena;
  const place = { topic, partition };
  const what = `move ${topic}/${partition} to brokers ${replicas.join(', ')}`;
  return changing(arena, name, { kind: 'reassignment', ...place, replicas }, async () => {
    const [answer] = await admin.alterReassignments([{ ...place, replicas }], CALL);
    accept(what, answer);
    const settled = async (): Promise<PartitionMetadata | false> => {
      const now = await stateOf(admin, place);
      if (now === null || !isOn(now, replicas)) return false;
      if (now.leader === replicas[0]) return now;
      const [elected] = await admin.electLeaders('preferred', [place], CALL);
      if (elected !== undefined && !ACCEPTED.includes(elected.errorCode)) {
        accept(`give broker ${replicas[0]} the lead`, elected);
      }
      return false;
    };
    return waitFor(what, settled, { ...MOVED, signal });
  });
}

const isOn = ({ replicas, isr }: PartitionMetadata, wanted: readonly number[]): boolean =>
  replicas.join() === wanted.join() && isr.length === wanted.length;

function effectOf(before: PartitionMetadata, now: PartitionMetadata): Effect {
  const list = (ids: readonly number[]): string => ids.join(', ');
  return {
    proven: before.replicas.join() !== now.replicas.join(),
    evidence: `replicas ${list(before.replicas)} → ${list(now.replicas)}, leader ${before.leader} → ${now.leader}`,
  };
}

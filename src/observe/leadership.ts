/** Leaders, ISR and controller, told when they differ from what was last seen. */
import type { EventOf } from '../evidence/events.ts';
import { OrdealError } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import { LOOK } from './look.ts';

type Change = Omit<EventOf<'leadership'>, 't'> | Omit<EventOf<'controller'>, 't'>;

const NOBODY = { leaderId: -1, leaderEpoch: -1 };

/** On a cluster of others not everybody may ask; all the rest can be seen all the same. */
async function quorumOf(admin: Admin): Promise<typeof NOBODY> {
  try {
    return await admin.quorum(LOOK);
  } catch (error) {
    if (error instanceof OrdealError && error.code === 'kafka.refused') return NOBODY;
    throw error;
  }
}

export function createLeadershipWatch(
  admin: Admin,
  topics: readonly string[],
  onChange: (change: Change) => void,
): { readonly look: () => Promise<void> } {
  const seen = new Map<string, string>();
  const tell = (key: string, change: Change): void => {
    const state = JSON.stringify(change);
    if (seen.get(key) === state) return;
    seen.set(key, state);
    onChange(change);
  };
  const look = async (): Promise<void> => {
    const { topics: found } = await admin.metadata(topics, LOOK);
    for (const { name, partitions } of found) {
      for (const { partition, leader, leaderEpoch, isr, replicas } of partitions) {
        tell(`${name}/${partition}`, {
          type: 'leadership',
          topic: name,
          partition,
          leader,
          epoch: leaderEpoch,
          isr: [...isr].sort((a, b) => a - b),
          replicas: [...replicas],
        });
      }
    }
    const { leaderId, leaderEpoch } = await quorumOf(admin);
    if (leaderId >= 0) tell('controller', { type: 'controller', id: leaderId, epoch: leaderEpoch });
  };
  return { look };
}

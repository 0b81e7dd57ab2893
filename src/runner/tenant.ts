/**
 * On a kept cluster a run is a tenant: it finds none of its topics and groups there, whoever made some before, and it
 * leaves none. Only a run that came to its end, healed all its faults and took everything away leaves the cluster whole.
 */
import type { RunningCluster } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import { environmentError, messageOf, OrdealError } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import type { Session } from './session.ts';
import { takeAway } from './take-away.ts';

const FORGET_MS = 30_000;

export type Tenant = AsyncDisposable & {
  /** To be called when all that was to be done on the cluster is done. */
  readonly finished: () => void;
};

/** Of any other cluster nobody is a tenant. Throws `kept.not-cleared`. */
export async function moveIn(
  session: Session,
  cluster: RunningCluster,
  admin: Admin,
): Promise<Tenant> {
  const { leaveWhole } = cluster;
  if (leaveWhole === undefined)
    return { finished: () => {}, [Symbol.asyncDispose]: async () => {} };
  const { topics: specs, load } = session.plan.scenario;
  const topics = Object.keys(specs);
  const groups = load.flatMap((one) => (one.kind === 'consume' ? [one.group] : []));
  await clear(admin, topics, groups, session.signal);
  let done = false;
  return {
    finished: () => {
      done = true;
    },
    [Symbol.asyncDispose]: async () => {
      // Else there is another cluster for the next run, and nothing to be taken away from this one.
      if (!done || !session.traces.healed) return;
      const why = (await openTransaction(admin)) ?? (await takeAway(admin, topics, groups));
      if (why === null) leaveWhole();
    },
  };
}

/** Null when none is: the next run's producers have the same transactional ids. */
async function openTransaction(admin: Admin): Promise<string | null> {
  try {
    const [open] = await admin.listTransactions();
    return open === undefined ? null : `transaction ${open.transactionalId} is open`;
  } catch (error) {
    if (error instanceof OrdealError) return messageOf(error);
    throw error;
  }
}

/** No broker may still know a topic of the same name, since it would speak of that when asked for the new one. */
async function clear(
  admin: Admin,
  topics: readonly string[],
  groups: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const why = await takeAway(admin, topics, groups);
  if (why !== null) {
    throw environmentError(
      'kept.not-cleared',
      `what an earlier run left could not be deleted: ${why}`,
      {
        hint: 'is somebody else using the kept cluster? its groups must be empty',
      },
    );
  }
  const forgotten = async (): Promise<boolean> => (await admin.whoKnows(topics)).length === 0;
  await waitFor('every broker to forget the topics of earlier runs', forgotten, {
    timeoutMs: FORGET_MS,
    signal,
  });
}

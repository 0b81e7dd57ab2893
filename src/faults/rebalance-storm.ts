/**
 * `rebalance-storm`: the members of a group leave it and join it again every few seconds, as in a rollout or in a crash
 * loop. Each time the group stands still until its partitions are assigned again. Proven when they were assigned at
 * least twice while it lasted: once could be any rebalance.
 */
import { waitFor } from '../lib/deadline.ts';
import type { RebalanceStormFault } from '../scenario/worker-fault.ts';
import type { Effect, Fault, LoadWorker } from './arena.ts';
import { describeWorkers } from './on-nodes.ts';

const LEAST = 2;
/** How many rounds may pass until the group was assigned so often. */
const ROUNDS = 4;
const JOIN_MS = 10_000;

export const rebalanceStorm: Fault<RebalanceStormFault> = {
  async inject({ where, everyMs }, arena) {
    const workers = arena.workers(where);
    const before = workers.map((worker) => worker.assignments());
    for (const worker of workers) worker.rejoin(everyMs);
    return {
      target: describeWorkers(workers),
      probe: () => reassignedEffect(workers, before, ROUNDS * everyMs + JOIN_MS),
      heal: async () => {
        for (const worker of workers) worker.rejoin(0);
      },
    };
  },
};

async function reassignedEffect(
  workers: readonly LoadWorker[],
  before: readonly number[],
  timeoutMs: number,
): Promise<Effect> {
  const times = (): number =>
    Math.max(...workers.map((w, i) => w.assignments() - (before[i] ?? 0)));
  const limit = Math.min(timeoutMs, 25_000);
  const seen = (): boolean => times() >= LEAST;
  const proven = await waitFor('assignments', seen, { timeoutMs: limit, everyMs: 100 }).catch(
    () => false,
  );
  const evidence = `the group's partitions were assigned ${times()} times since`;
  return { proven, evidence };
}

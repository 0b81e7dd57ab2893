/**
 * `slow`: workers of a load take longer, as an application does whose database is slow: for each batch that a consumer
 * is handed, for each look of a producer at what is due. Kafka is not touched; lag grows where the delay is longer than
 * what comes in takes.
 */
import { waitFor } from '../lib/deadline.ts';
import type { SlowFault } from '../scenario/worker-fault.ts';
import type { Effect, Fault, LoadWorker } from './arena.ts';
import { describeWorkers } from './on-nodes.ts';

/** Batches may be rare. */
const SEEN_WITHIN_MS = 15_000;

export const slow: Fault<SlowFault> = {
  async inject({ where, delayMs }, arena) {
    const workers = arena.workers(where);
    const before = workers.map((worker) => worker.slowed());
    for (const worker of workers) worker.slow(delayMs);
    return {
      target: describeWorkers(workers),
      probe: () => slowedEffect(workers, before, delayMs),
      heal: async () => {
        for (const worker of workers) worker.slow(0);
      },
    };
  },
};

async function slowedEffect(
  workers: readonly LoadWorker[],
  before: readonly number[],
  delayMs: number,
): Promise<Effect> {
  const counts = (): readonly number[] => workers.map((w, i) => w.slowed() - (before[i] ?? 0));
  const seen = (): boolean => counts().every((count) => count > 0);
  try {
    await waitFor('slow work', seen, { timeoutMs: SEEN_WITHIN_MS, everyMs: 50 });
  } catch {
    const idle = workers.filter((_, i) => counts()[i] === 0);
    return { proven: false, evidence: `${describeWorkers(idle)} did nothing that was slowed` };
  }
  const evidence = workers.map(
    ({ name }, i) => `${name} took ${delayMs} ms longer ${counts()[i]} times`,
  );
  return { proven: true, evidence: evidence.join('; ') };
}

/**
 * `pause`: SIGSTOP. The process keeps its connections and answers nothing, as in a long garbage collection or a
 * frozen virtual machine; after `broker.session.timeout.ms` the controller fences it.
 */
import { waitFor } from '../lib/deadline.ts';
import type { PauseFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { injectOnNodes } from './on-nodes.ts';
import { isStopped } from './process.ts';

export const pause: Fault<PauseFault> = {
  inject: ({ where }, arena) =>
    injectOnNodes(
      where,
      {
        begin: (node) => node.pause(),
        probe: stoppedEffect,
        end: (node) => node.resume(),
      },
      arena,
    ),
};

/** The kernel stops a process soon after the signal, not at once. */
async function stoppedEffect(pids: readonly number[]): Promise<Effect> {
  const seen = (): boolean => pids.every((pid) => isStopped(pid) !== false);
  try {
    await waitFor('the pause', seen, { timeoutMs: 2000, everyMs: 20 });
  } catch {
    return { proven: false, evidence: `process ${pids.join(', ')} is not stopped` };
  }
  return isStopped(pids[0] ?? 0) === undefined
    ? { proven: false, evidence: 'this system does not tell whether a process is stopped' }
    : { proven: true, evidence: `process ${pids.join(', ')} is stopped` };
}

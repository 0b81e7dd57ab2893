/**
 * `pause`: SIGSTOP. The process keeps its connections and answers nothing, as in a long garbage collection or a
 * frozen virtual machine; after `broker.session.timeout.ms` the controller fences it, and a group gives a
 * consumer's partitions to others after the `session.timeout.ms` of the load.
 */
import { waitFor } from '../lib/deadline.ts';
import type { PauseFault } from '../scenario/worker-fault.ts';
import type { Effect, Fault } from './arena.ts';
import { injectOnProcesses } from './on-nodes.ts';
import { type HasProcess, type Hit, named } from './process.ts';

export const pause: Fault<PauseFault> = {
  inject: ({ where }, arena) =>
    injectOnProcesses(
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
async function stoppedEffect(hit: readonly Hit<HasProcess>[]): Promise<Effect> {
  let stopped: readonly (boolean | undefined)[] = [];
  const seen = async (): Promise<boolean> => {
    stopped = (await Promise.all(hit.map(({ node }) => node.look()))).map((look) => look.stopped);
    return !stopped.includes(false);
  };
  try {
    await waitFor('the pause', seen, { timeoutMs: 2000, everyMs: 20 });
  } catch {
    return { proven: false, evidence: `${named(hit)} is not stopped` };
  }
  return stopped.includes(undefined)
    ? { proven: false, evidence: 'this system does not tell whether a process is stopped' }
    : { proven: true, evidence: `${named(hit)} is stopped` };
}

/**
 * `disk-readonly`: every write of the broker to a file fails from now on, also to files it has open, while reading
 * goes on, as when the kernel makes a file system read-only after an error. A mount cannot be made read-only under
 * open files, so the kernel is told that no file of this process may grow beyond nothing (RLIMIT_FSIZE): the broker
 * gets `File too large` instead of `Read-only file system`, at the same call. What it has mapped into memory (its
 * indexes) stays writable. Heals by starting again, because the limit ends with the process.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { DiskReadonlyFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { containerOf, run, script } from './containers.ts';
import { fateOf, restarted } from './failing-disk.ts';
import { injectOnNodes } from './on-nodes.ts';
import type { HitNode } from './process.ts';
import { underWay } from './under-way.ts';

/** Whether the kernel has the limit, read when it had just been set: a broker may be gone a moment later. */
type Limited = Map<ClusterNode, boolean>;

export const diskReadonly: Fault<DiskReadonlyFault> = {
  inject: ({ where }, arena) => {
    const limited: Limited = new Map();
    const limiting = underWay((node) => forbidWriting(node, limited));
    return injectOnNodes(
      where,
      {
        begin: limiting.begin,
        probe: async (hit) => {
          await limiting.done();
          return forbiddenEffect(hit, limited);
        },
        end: async (node) => {
          await limiting.over(node);
          await restarted(node);
        },
      },
      arena,
    );
  },
};

/** The JVM is the container's first process. */
async function forbidWriting(node: ClusterNode, limited: Limited): Promise<void> {
  containerOf(node).expectEnd();
  const limits = await run(
    node,
    'node',
    script('prlimit --pid 1 --fsize=0: && grep "^Max file size" /proc/1/limits'),
  );
  limited.set(node, isForbidden(limits));
}

/** By the soft limit, which is the one in force. */
export const isForbidden = (limits: string): boolean => /^Max file size\s+0\s/m.test(limits);

async function forbiddenEffect(hit: readonly HitNode[], limited: Limited): Promise<Effect> {
  const proven = hit.every(({ node }) => limited.get(node));
  const words = proven ? 'no file of the process may grow' : 'its files may still grow';
  return { proven, evidence: `${words}; ${await fateOf(hit)}` };
}

/**
 * `oom`: the container runs out of memory and the kernel kills the JVM. Something else in the container eats what the
 * limit leaves, and the JVM is made the one to go: the kernel refuses to lower a limit below what is in use, so the
 * limit stays and the use grows. Heals by starting again.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor, within } from '../lib/deadline.ts';
import type { OutOfMemoryFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { bringBack, containerOf, run, script } from './containers.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect, type HitNode } from './process.ts';
import { underWay } from './under-way.ts';

/** A machine that swaps takes its time. */
const EATEN_WITHIN_MS = 20_000;
const ENDS_WITHIN_MS = 3000;

export const outOfMemory: Fault<OutOfMemoryFault> = {
  inject: ({ where }, arena) => {
    const eating = underWay(eatMemory);
    return injectOnNodes(
      where,
      {
        begin: eating.begin,
        probe: async (hit) => {
          await eating.done();
          return killedEffect(hit);
        },
        end: async (node) => {
          await eating.over(node);
          await bringBack(node);
        },
      },
      arena,
    );
  },
};

/** The JVM is the container's first process; the line that never ends is kept in memory whole. */
async function eatMemory(node: ClusterNode): Promise<void> {
  await run(node, 'node', script('echo 1000 > /proc/1/oom_score_adj'));
  const container = containerOf(node);
  container.expectEnd();
  const eater = container.exec('node', script('exec tail -n 1 /dev/zero > /dev/null'));
  // It ends with its container, or alone: then the fault has no effect, which the probe tells.
  await within('the kernel to kill', EATEN_WITHIN_MS, eater).catch(() => {});
  const over = async (): Promise<boolean> => (await node.look()).process === null;
  await waitFor('the container to end', over, { timeoutMs: ENDS_WITHIN_MS }).catch(() => {});
}

async function killedEffect(hit: readonly HitNode[]): Promise<Effect> {
  const gone = await goneEffect(hit);
  const looks = await Promise.all(hit.map(({ node }) => containerOf(node).inspect()));
  const spared = looks.filter(({ outOfMemory }) => !outOfMemory);
  return {
    proven: gone.proven && spared.length === 0,
    evidence:
      spared.length === 0
        ? `${gone.evidence}, killed for lack of memory`
        : `${gone.evidence}; the kernel did not kill ${spared.map(({ id }) => `container ${id}`).join(', ')} for lack of memory`,
  };
}

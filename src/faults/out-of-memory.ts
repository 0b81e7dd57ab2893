/**
 * `oom`: the container runs out of memory and the kernel kills the JVM. Something else in the container eats what the
 * limit leaves, and the JVM is made the one to go: the kernel refuses to lower a limit below what is in use, so the
 * limit stays and the use grows. Heals by starting again.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import type { OutOfMemoryFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { bringBack, containerOf, run, script } from './containers.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect, type HitNode } from './process.ts';

/** A machine that swaps takes its time. */
const EATEN_WITHIN_MS = 30_000;

export const outOfMemory: Fault<OutOfMemoryFault> = {
  inject: ({ where }, arena) =>
    injectOnNodes(where, { begin: eatMemory, probe: killedEffect, end: bringBack }, arena),
};

/** The JVM is the container's first process; the line that never ends is kept in memory whole. */
async function eatMemory(node: ClusterNode): Promise<void> {
  await run(node, 'node', script('echo 1000 > /proc/1/oom_score_adj'));
  const container = containerOf(node);
  container.expectEnd();
  const eater = container.exec('node', script('exec tail -n 1 /dev/zero > /dev/null'));
  eater.catch(() => {}); // It dies with its container.
  const over = async (): Promise<boolean> => (await node.look()).process === null;
  // Memory that was not enough to eat is a fault without effect, which the probe tells.
  await waitFor('the kernel to kill', over, { timeoutMs: EATEN_WITHIN_MS }).catch(() => {});
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

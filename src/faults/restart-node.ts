/** One node's controlled restart, in two steps that can be watched apart. */
import type { ClusterNode } from '../cluster/cluster.ts';
import { goneEffect, runningOf } from './process.ts';

export type NodeRestart = {
  /** True once the old process is gone. */
  readonly replaced: Promise<boolean>;
  /** Settled when the node is registered again. */
  readonly back: Promise<void>;
};

export function restartNode(node: ClusterNode): NodeRestart {
  const old = runningOf([node]);
  const stopped = old.then(() => node.stop());
  const replaced = stopped.then(async () => {
    const hit = await old;
    return hit.length > 0 && (await goneEffect(hit)).proven;
  });
  const back = stopped.then(() => node.start());
  replaced.catch(() => {}); // Both are awaited later; a rejection before that is not unhandled.
  back.catch(() => {});
  return { replaced, back };
}

/** What the disk faults share: what became of the broker, and starting it again once its disk is well. */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import { goneEffect, type HitNode } from './process.ts';

/** A broker gives up at its next write, which traffic brings soon. */
const GIVES_UP_WITHIN_MS = 5000;
/** One that lost its log folder may not be able to stop in an orderly way. */
const STOP_GRACE_MS = 10_000;

/** `container …, process 7 is gone`, or that it is still there after a while. */
export async function fateOf(hit: readonly HitNode[]): Promise<string> {
  const gone = async (): Promise<boolean> => (await goneEffect(hit)).proven;
  await waitFor('the broker to give up', gone, {
    timeoutMs: GIVES_UP_WITHIN_MS,
    everyMs: 200,
  }).catch(() => {}); // It need not.
  return (await goneEffect(hit)).evidence;
}

/** A log folder that failed is not used again before a restart. */
export async function restarted(node: ClusterNode): Promise<void> {
  const { process } = await node.look();
  if (process !== null) await node.stop(STOP_GRACE_MS);
  await node.start();
}

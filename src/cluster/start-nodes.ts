/** Starting all nodes of a cluster at once, and telling how far that is. */
import type { ClusterContext, ClusterNode } from './cluster.ts';

/** The first that fails ends the wait for the others. */
export async function startNodes(
  nodes: readonly ClusterNode[],
  context: Pick<ClusterContext, 'progress' | 'signal'>,
): Promise<void> {
  const task = 'Brokers';
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  const counted = { task, total: nodes.length, unit: 'brokers' } as const;
  let done = 0;
  context.progress({ ...counted, state: 'started', done });
  const work = nodes.map(async (node) => {
    await node.start(signal);
    done++;
    context.progress({ ...counted, state: 'advanced', done });
  });
  try {
    await Promise.all(work);
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(work);
    context.progress({ ...counted, state: 'failed' });
    throw error;
  }
  context.progress({ ...counted, state: 'done', done });
}

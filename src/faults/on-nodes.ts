/** What the faults on processes share: which nodes a role means now, what is done to each, and undone again. */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { BrokerWhere } from '../scenario/scenario.ts';
import { type Arena, describeNodes, type Effect, type Injection } from './arena.ts';
import { type HitNode, nodesOf, runningOf } from './process.ts';

export type NodeEffect = {
  readonly begin: (node: ClusterNode) => Promise<void>;
  /** Looks at the nodes that were running when the fault began. */
  readonly probe: (hit: readonly HitNode[]) => Promise<Effect>;
  readonly end: (node: ClusterNode) => Promise<void>;
};

/** Throws when none of the nodes was running: a fault on nothing proves nothing. */
export async function injectOnNodes(
  where: BrokerWhere,
  { begin, probe, end }: NodeEffect,
  arena: Arena,
): Promise<Injection> {
  const ids = await arena.resolve(where);
  const hit = await runningOf(nodesOf(arena, ids));
  const nodes = hit.map(({ node }) => node);
  if (hit.length === 0) throw new Error(`${describeNodes(ids)} was not running`);
  await beginAll(nodes, begin, end);
  return {
    target: describeNodes(nodes.map(({ id }) => id)),
    probe: () => probe(hit),
    heal: async () => {
      await Promise.all(nodes.map(end));
    },
  };
}

/** All or none: where one could not be hit, the others are let go again. */
async function beginAll(
  nodes: readonly ClusterNode[],
  begin: NodeEffect['begin'],
  end: NodeEffect['end'],
): Promise<void> {
  const begun = await Promise.allSettled(nodes.map(begin));
  const refused = begun.find(({ status }) => status === 'rejected');
  if (refused === undefined) return;
  await Promise.allSettled(nodes.filter((_, i) => begun[i]?.status === 'fulfilled').map(end));
  throw (refused as PromiseRejectedResult).reason;
}

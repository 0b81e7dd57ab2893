/** What the faults on processes share: which nodes a role means now, what is done to each, and undone again. */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { BrokerWhere } from '../scenario/scenario.ts';
import { type Arena, describeNodes, type Effect, type Injection } from './arena.ts';
import { nodesOf } from './process.ts';

export type NodeEffect = {
  readonly begin: (node: ClusterNode) => Promise<void>;
  /** Looks at the processes that were running when the fault began. */
  readonly probe: (pids: readonly number[]) => Effect | Promise<Effect>;
  readonly end: (node: ClusterNode) => Promise<void>;
};

/** Throws when none of the nodes was running: a fault on nothing proves nothing. */
export async function injectOnNodes(
  where: BrokerWhere,
  { begin, probe, end }: NodeEffect,
  arena: Arena,
): Promise<Injection> {
  const ids = await arena.resolve(where);
  const nodes = nodesOf(arena, ids);
  const pids = nodes.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  if (pids.length === 0) throw new Error(`${describeNodes(ids)} was not running`);
  await Promise.all(nodes.map(begin));
  return {
    target: describeNodes(ids),
    probe: async () => probe(pids),
    heal: async () => {
      await Promise.all(nodes.map(end));
    },
  };
}

/** What the system that runs the nodes says of them: the outside view that proves kills and pauses. */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { Arena, Effect } from './arena.ts';

/** A node, and the process it had when the fault began. */
export type HitNode = { readonly node: ClusterNode; readonly process: string };

/** The nodes with these ids; a role can only resolve to nodes of the cluster, so a missing one is a defect. */
export const nodesOf = (arena: Arena, ids: readonly number[]): readonly ClusterNode[] =>
  ids.map((id) => {
    const node = arena.nodes.get(id);
    if (node === undefined) throw new Error(`the cluster has no node ${id}`);
    return node;
  });

/** Those of the nodes that have a process now. */
export async function runningOf(nodes: readonly ClusterNode[]): Promise<readonly HitNode[]> {
  const looks = await Promise.all(nodes.map((node) => node.look()));
  return nodes.flatMap((node, i) => {
    const process = looks[i]?.process ?? null;
    return process === null ? [] : [{ node, process }];
  });
}

/** Proven when none of the processes that were hit exists any more. */
export async function goneEffect(hit: readonly HitNode[]): Promise<Effect> {
  const looks = await Promise.all(hit.map(({ node }) => node.look()));
  const alive = hit.filter(({ process }, i) => looks[i]?.process === process);
  return alive.length === 0
    ? { proven: true, evidence: `${named(hit)} is gone` }
    : { proven: false, evidence: `${named(alive)} is still there` };
}

/** `process 7, process 8`. */
export const named = (hit: readonly HitNode[]): string =>
  hit.map(({ process }) => process).join(', ');

/** What the system that runs nodes and workers says of them: the outside view that proves kills and pauses. */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { Arena, Effect } from './arena.ts';

/** What can be done to whoever has a process, a node or a worker. */
export type HasProcess = Pick<ClusterNode, 'look' | 'kill' | 'start' | 'pause' | 'resume'>;

/** Whom the fault hit, and the process it had when the fault began. */
export type Hit<T extends HasProcess> = { readonly node: T; readonly process: string };
export type HitNode = Hit<ClusterNode>;

/** The nodes with these ids; a role can only resolve to nodes of the cluster, so a missing one is a defect. */
export const nodesOf = (arena: Arena, ids: readonly number[]): readonly ClusterNode[] =>
  ids.map((id) => {
    const node = arena.nodes.get(id);
    if (node === undefined) throw new Error(`the cluster has no node ${id}`);
    return node;
  });

/** Those that have a process now. */
export async function runningOf<T extends HasProcess>(
  nodes: readonly T[],
): Promise<readonly Hit<T>[]> {
  const looks = await Promise.all(nodes.map((node) => node.look()));
  return nodes.flatMap((node, i) => {
    const process = looks[i]?.process ?? null;
    return process === null ? [] : [{ node, process }];
  });
}

/** Proven when none of the processes that were hit exists any more. */
export async function goneEffect(hit: readonly Hit<HasProcess>[]): Promise<Effect> {
  const looks = await Promise.all(hit.map(({ node }) => node.look()));
  const alive = hit.filter(({ process }, i) => looks[i]?.process === process);
  return alive.length === 0
    ? { proven: true, evidence: `${named(hit)} is gone` }
    : { proven: false, evidence: `${named(alive)} is still there` };
}

/** `process 7, process 8`. */
export const named = (hit: readonly Hit<HasProcess>[]): string =>
  hit.map(({ process }) => process).join(', ');

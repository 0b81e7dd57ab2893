/** What the operating system says of a node's process: the outside view that proves kills and pauses. */
import { readFileSync } from 'node:fs';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { Arena, Effect } from './arena.ts';

/** The nodes with these ids; a role can only resolve to nodes of the cluster, so a missing one is a defect. */
export const nodesOf = (arena: Arena, ids: readonly number[]): readonly ClusterNode[] =>
  ids.map((id) => {
    const node = arena.nodes.get(id);
    if (node === undefined) throw new Error(`the cluster has no node ${id}`);
    return node;
  });

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** True when every thread group leader named is stopped (state T); only Linux can tell, elsewhere undefined. */
export function isStopped(pid: number): boolean | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[Tt]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Proven when none of the processes that were hit exists any more. */
export function goneEffect(pids: readonly number[]): Effect {
  const alive = pids.filter(isAlive);
  return alive.length === 0
    ? { proven: true, evidence: `process ${pids.join(', ')} is gone` }
    : { proven: false, evidence: `process ${alive.join(', ')} is still there` };
}

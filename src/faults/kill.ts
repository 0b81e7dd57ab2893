/** `kill`: SIGKILL, as a crash of the process. The page cache survives it, so it says nothing about fsync. */
import type { KillFault } from '../scenario/scenario.ts';
import { describeNodes, type Fault } from './arena.ts';
import { goneEffect, nodesOf } from './process.ts';

export const kill: Fault<KillFault> = {
  async inject(spec, arena) {
    const ids = await arena.resolve(spec.where);
    const nodes = nodesOf(arena, ids);
    const pids = nodes.flatMap((node) => (node.pid === null ? [] : [node.pid]));
    if (pids.length === 0) throw new Error(`${describeNodes(ids)} was not running`);
    await Promise.all(nodes.map((node) => node.kill()));
    return {
      target: describeNodes(ids),
      probe: async () => goneEffect(pids),
      heal: async () => {
        await Promise.all(nodes.map((node) => node.start()));
      },
    };
  },
};

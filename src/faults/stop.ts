/** `stop`: SIGTERM and Kafka's controlled shutdown, which moves leadership away first. Heals by starting again. */
import type { StopFault } from '../scenario/scenario.ts';
import { describeNodes, type Fault } from './arena.ts';
import { goneEffect, nodesOf } from './process.ts';

export const stop: Fault<StopFault> = {
  async inject(spec, arena) {
    const ids = await arena.resolve(spec.where);
    const nodes = nodesOf(arena, ids);
    const pids = nodes.flatMap((node) => (node.pid === null ? [] : [node.pid]));
    if (pids.length === 0) throw new Error(`${describeNodes(ids)} was not running`);
    await Promise.all(nodes.map((node) => node.stop()));
    return {
      target: describeNodes(ids),
      probe: async () => goneEffect(pids),
      heal: async () => {
        await Promise.all(nodes.map((node) => node.start()));
      },
    };
  },
};

/** `restart`: a controlled stop and a start at once, as in a configuration change. It ends when the node is back. */
import type { RestartFault } from '../scenario/scenario.ts';
import { describeNodes, type Fault } from './arena.ts';
import { nodesOf } from './process.ts';
import { restartNode } from './restart-node.ts';

export const restart: Fault<RestartFault> = {
  async inject(spec, arena) {
    const ids = await arena.resolve(spec.where);
    const restarts = nodesOf(arena, ids).map((node) => restartNode(node));
    const ends = Promise.all(restarts.map(({ back }) => back)).then(() => {});
    ends.catch(() => {}); // The timeline awaits it; a rejection before that is not unhandled.
    return {
      target: describeNodes(ids),
      probe: async () => {
        const replaced = await Promise.all(restarts.map(({ replaced }) => replaced));
        return {
          proven: replaced.every(Boolean),
          evidence: replaced.every(Boolean)
            ? 'the old process is gone'
            : 'the old process is still there',
        };
      },
      heal: () => ends,
      ends,
    };
  },
};

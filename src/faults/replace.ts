/**
 * `replace`: the machine is lost with its disk, and another takes its place under the same id: SIGKILL, and a new
 * container on an empty disk, which is started when the fault heals and copies everything from its peers. Never done
 * to a controller's voter: a quorum that forgets what it voted for may lose what it promised.
 */
import type { ReplaceFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { bringBack, containerOf, run } from './containers.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect, type HitNode } from './process.ts';
import { underWay } from './under-way.ts';

export const replace: Fault<ReplaceFault> = {
  inject: ({ name, where }, arena) => {
    const losing = underWay(async (node) => {
      await node.kill();
      try {
        await containerOf(node).recreate('empty');
      } finally {
        // Halfway, too, something is gone.
        arena.onLogLost({ fault: name, broker: node.id, from: null });
      }
    });
    return injectOnNodes(
      where,
      {
        begin: losing.begin,
        probe: async (hit) => {
          await losing.done();
          return emptyEffect(hit);
        },
        end: async (node) => {
          await losing.over(node);
          await bringBack(node);
        },
      },
      arena,
    );
  },
};

/** Proven when what ran is gone, and so is every file. */
async function emptyEffect(hit: readonly HitNode[]): Promise<Effect> {
  const gone = await goneEffect(hit);
  const files = await Promise.all(
    hit.map(({ node }) => run(node, 'pod', ['find', node.dataDir, '-mindepth', '1'])),
  );
  const left = files.filter((list) => list !== '').length;
  return {
    proven: gone.proven && left === 0,
    evidence: `${gone.evidence}; ${left === 0 ? 'its disk is empty' : `${left} of ${files.length} disks still hold files`}`,
  };
}

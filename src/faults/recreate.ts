/**
 * `recreate`: a controlled stop and a start in a new container on the same disk, as an orchestrator does when it
 * changes an image or a limit. It ends when the node is back.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { RecreateFault } from '../scenario/scenario.ts';
import { describeNodes, type Effect, type Fault } from './arena.ts';
import { bringBack, containerOf, orBringBack, run } from './containers.ts';
import { nodesOf } from './process.ts';

export const recreate: Fault<RecreateFault> = {
  async inject({ where }, arena) {
    const ids = await arena.resolve(where);
    const nodes = nodesOf(arena, ids);
    const before = await Promise.all(nodes.map(traces));
    const ends = Promise.all(nodes.map(inNewContainer)).then(() => {});
    ends.catch(() => {}); // The timeline awaits it; a rejection before that is not unhandled.
    return {
      target: describeNodes(ids),
      probe: async () => {
        await ends;
        return compared(before, await Promise.all(nodes.map(traces)));
      },
      heal: () => ends,
      ends,
    };
  },
};

const inNewContainer = (node: ClusterNode): Promise<void> =>
  orBringBack(node, async () => {
    await node.stop();
    await containerOf(node).recreate('same');
    await bringBack(node);
  });

/** Which container a node is, and the file on its disk that is written once, when the disk is formatted. */
type Traces = { readonly container: string; readonly disk: string };

async function traces(node: ClusterNode): Promise<Traces> {
  const { id } = await containerOf(node).inspect();
  const file = `${node.dataDir}/meta.properties`;
  return { container: id, disk: await run(node, 'node', ['stat', '-c', '%i %Y', file]) };
}

function compared(before: readonly Traces[], after: readonly Traces[]): Effect {
  const changes = before.map((old, i) => {
    const now = after[i] as Traces;
    const renewed = now.container !== old.container;
    const kept = now.disk === old.disk;
    return {
      proven: renewed && kept,
      evidence: `container ${old.container} ${renewed ? `became ${now.container}` : 'is the old one'} on ${kept ? 'the same disk' : 'another disk'}`,
    };
  });
  return {
    proven: changes.every(({ proven }) => proven),
    evidence: changes.map(({ evidence }) => evidence).join('; '),
  };
}

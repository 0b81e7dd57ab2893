/**
 * `disk-full`: a file takes all that is left of a disk of a given size. A broker that cannot write gives up its log
 * folder, and with its only one itself. Heals by removing the file and starting the broker again.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { DiskFullFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { containerOf, run, script } from './containers.ts';
import { fateOf, restarted } from './failing-disk.ts';
import { injectOnNodes } from './on-nodes.ts';
import type { HitNode } from './process.ts';
import { underWay } from './under-way.ts';

const FILLER = '.ordeal-filler';
/** Written from the pod, whose memory is not the broker's. It ends when nothing more fits. */
const FILL = `dd if=/dev/zero of="$1/${FILLER}" bs=1048576 2>/dev/null; true`;

export const diskFull: Fault<DiskFullFault> = {
  inject: ({ where }, arena) => {
    const filling = underWay(fill);
    return injectOnNodes(
      where,
      {
        begin: filling.begin,
        probe: async (hit) => {
          await filling.done();
          return fullEffect(hit);
        },
        end: async (node) => {
          await filling.over(node);
          await run(node, 'pod', ['rm', '-f', `${node.dataDir}/${FILLER}`]);
          await restarted(node);
        },
      },
      arena,
    );
  },
};

async function fill(node: ClusterNode): Promise<void> {
  containerOf(node).expectEnd();
  await run(node, 'pod', script(FILL, node.dataDir));
}

async function fullEffect(hit: readonly HitNode[]): Promise<Effect> {
  const disks = await Promise.all(
    hit.map(async ({ node }) => parseDisk(await run(node, 'pod', ['df', '-Pk', node.dataDir]))),
  );
  const fate = await fateOf(hit);
  const full = disks.every(({ freeKiB }) => freeKiB === 0);
  const words = disks.map(({ freeKiB, sizeKiB }) => `${freeKiB} of ${sizeKiB} KiB are free`);
  return { proven: full, evidence: `${words.join(', ')}; ${fate}` };
}

/** The second line of `df -Pk`: device, size, used, free. */
export function parseDisk(text: string): { readonly sizeKiB: number; readonly freeKiB: number } {
  const [, size, , free] = text.split('\n').at(-1)?.split(/\s+/) ?? [];
  if (free === undefined) throw new Error(`not what df says: ${text}`);
  return { sizeKiB: Number(size), freeKiB: Number(free) };
}

/**
 * `power-loss`: the machine goes dark, and what had not reached the disk is gone. The broker is killed, the end of
 * its partitions' logs is cut off (`log-tail.ts` says by which rule), and the mark of a clean shutdown removed, so
 * that it recovers its logs when the fault heals. The metadata log, which Kafka syncs, is left alone.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { PowerLossFault, Tail, TopicPlace } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { bringBack, run, script } from './containers.ts';
import {
  type Cut,
  cutOf,
  endOffset,
  knownPlaces,
  newestSegments,
  placeBefore,
  recoveryPoints,
  type Segment,
} from './log-tail.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect, type HitNode } from './process.ts';
import { underWay } from './under-way.ts';

/** What was cut from one partition. */
type Lost = Cut & { readonly segment: Segment };
type Losses = Map<ClusterNode, readonly Lost[]>;

export const powerLoss: Fault<PowerLossFault> = {
  inject: ({ name, where, lose, of }, arena) => {
    const losses: Losses = new Map();
    const losing = underWay(async (node) => {
      await node.kill();
      const lost = await tailsOf(node, lose, of);
      try {
        await cutOff(node, lost);
      } finally {
        // Halfway, too, something is gone.
        arena.onLogLost({ fault: name, broker: node.id, from: firstLost(lost) });
      }
      losses.set(node, lost);
    });
    return injectOnNodes(
      where,
      {
        begin: losing.begin,
        probe: async (hit) => {
          await losing.done();
          return lostEffect(hit, losses);
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

async function tailsOf(
  node: ClusterNode,
  lose: Tail,
  of: TopicPlace | null,
): Promise<readonly Lost[]> {
  const segments = (await segmentsOf(node)).filter((segment) => isChosen(segment, of));
  const synced = recoveryPoints(
    await run(node, 'pod', script('cat "$1/recovery-point-offset-checkpoint"', node.dataDir)),
  );
  const lost: Lost[] = [];
  for (const segment of segments) {
    const point = synced.get(`${segment.topic}/${segment.partition}`) ?? 0;
    lost.push({ segment, ...(await cutFor(node, segment, lose, point)) });
  }
  return lost;
}

async function cutOff(node: ClusterNode, lost: readonly Lost[]): Promise<void> {
  const sizes = lost.flatMap(({ segment, size }) => [segment.file, String(size)]);
  await run(node, 'pod', script(CUT, node.dataDir, ...sizes));
}

const firstLost = (lost: readonly Lost[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    lost.flatMap(({ segment: { topic, partition }, from }) =>
      from === null ? [] : [[`${topic}/${partition}`, from] as const],
    ),
  );

const LIST = 'cd "$1" && for file in */*.log; do wc -c "$file"; done';
const CUT =
  'cd "$1" && shift && rm -f .kafka_cleanshutdown && while [ $# -gt 0 ]; do truncate -s "$2" "$1" || exit 1; shift 2; done';

const segmentsOf = async (node: ClusterNode): Promise<readonly Segment[]> =>
  newestSegments(await run(node, 'pod', script(LIST, node.dataDir)));

/** Kafka's own topics begin with two underscores. */
const isChosen = ({ topic, partition }: Segment, of: TopicPlace | null): boolean =>
  of === null
    ? !topic.startsWith('__')
    : topic === of.topic && (of.partition === null || partition === of.partition);

/** An index has an entry for every 4 KiB of records (`index.interval.bytes`), of 8 bytes. */
const INDEX_INTERVAL = 4096;

async function cutFor(
  node: ClusterNode,
  segment: Segment,
  lose: Tail,
  synced: number,
): Promise<Cut> {
  const entries = Math.ceil(segment.size / INDEX_INTERVAL) + 1;
  const indexFile = segment.file.replace(/log$/, 'index');
  const index = await bytesOf(node, 'head -c "$2" "$1"', indexFile, entries * 8);
  const places = knownPlaces(index, segment);
  const from = (position: number): Promise<Buffer> =>
    bytesOf(node, 'tail -c "+$2" "$1"', segment.file, position + 1);
  const last = places.at(-1)?.position ?? 0;
  const end = endOffset(await from(last)) ?? segment.base;
  const { position } = placeBefore(places, lose, segment, end);
  return cutOf(await from(position), position, lose, synced);
}

/** What a command makes of a file and a number. */
async function bytesOf(
  node: ClusterNode,
  command: string,
  file: string,
  count: number,
): Promise<Buffer> {
  const path = `${node.dataDir}/${file}`;
  const text = await run(node, 'pod', script(`${command} | base64`, path, String(count)));
  return Buffer.from(text, 'base64');
}

/** Proven when the process is gone, something was cut off, and every file is as short as it was made. */
async function lostEffect(hit: readonly HitNode[], losses: Losses): Promise<Effect> {
  const gone = await goneEffect(hit);
  const effects = await Promise.all(
    hit.map(async ({ node }) => {
      const lost = losses.get(node) ?? [];
      const now = new Map((await segmentsOf(node)).map(({ file, size }) => [file, size]));
      const short = lost.every(({ segment, size }) => (now.get(segment.file) ?? 0) === size);
      const sum = (of: (cut: Cut) => number): number => lost.reduce((all, cut) => all + of(cut), 0);
      const bytes = sum(({ lostBytes }) => lostBytes);
      const what = `${sum(({ lostRecords }) => lostRecords)} records (${bytes} bytes) of ${lost.length} partitions`;
      return {
        proven: short && bytes > 0,
        evidence: `broker ${node.id} lost ${what}${short ? '' : ', but has them again'}`,
      };
    }),
  );
  return {
    proven: gone.proven && effects.every(({ proven }) => proven),
    evidence: [gone, ...effects].map(({ evidence }) => evidence).join('; '),
  };
}

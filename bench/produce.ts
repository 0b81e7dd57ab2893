/**
 * What does a produced record cost the machine that sends it? CPU-seconds per million records at a fixed rate against
 * one warm local cluster of three brokers (RF 3, acks=all, idempotent), for our native client and its peers, in turns
 * A-B-C … C-B-A so that what drifts hits all alike. Settings are the same for all.
 *
 * `npm run bench -- produce [--json] [--keep] [--rate N|max] [--size BYTES] [--seconds N] [--rounds N] [--partitions N]
 * [--set name=value …] [--arms a,b]`. With --json the last line is one JSON object; --keep
 * keeps it in bench/results.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Arm, Round, Sample } from './produce/arm.ts';
import { ordealArm } from './produce/ordeal.ts';
import { perfTestArm } from './produce/perf-test.ts';
import { type WarmCluster, withWarmCluster } from './side-by-side/cluster.ts';
import { median } from './side-by-side/median.ts';
import { keepResults } from './side-by-side/results.ts';

/** One process of kafkajs is full before it reaches what the others are asked for. */
const KAFKAJS_MOST = 20_000;
const ARMS: readonly Arm[] = [
  ordealArm('native', Number.POSITIVE_INFINITY),
  perfTestArm,
  ordealArm('kafkajs', KAFKAJS_MOST),
];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    rate: { type: 'string', default: '150000' },
    size: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '12' },
    arms: { type: 'string', default: ARMS.map(({ name }) => name).join(',') },
    set: { type: 'string', multiple: true, default: [] },
  },
});

const config: Record<string, string> = {
  acks: 'all',
  'enable.idempotence': 'true',
  'linger.ms': '5',
  // Best for all of them; with 16 KiB three brokers on two cores do not carry the rate.
  'batch.size': '131072',
  'max.in.flight.requests.per.connection': '5',
  ...Object.fromEntries(values.set.map((text) => text.split('=') as [string, string])),
};

const say = (line: string): void => console.log(line);
const wanted = values.arms.split(',');
const arms = ARMS.filter(({ name }) => wanted.includes(name)).filter((arm) => {
  const missing = arm.missing();
  if (missing !== null) say(`${arm.name}: left out, ${missing}`);
  return missing === null;
});

const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
const samples = new Map<string, Sample[]>(arms.map(({ name }) => [name, []]));

async function measure({ bootstrap, jars, createTopic, deleteTopic }: WarmCluster): Promise<void> {
  let number = 0;
  const [first] = arms;
  if (first !== undefined) say(`not counted: ${lineOf(first.name, await once(first))}`);
  for (let i = 0; i < Number(values.rounds); i++) {
    for (const arm of i % 2 === 0 ? arms : [...arms].reverse()) {
      const sample = await once(arm);
      samples.get(arm.name)?.push(sample);
      say(lineOf(arm.name, sample));
    }
  }

  async function once(arm: Arm): Promise<Sample> {
    const topic = `bench-${number++}`;
    const partitions = Number(values.partitions);
    await createTopic(topic, partitions);
    const sample = await arm.run(roundOf(topic, partitions));
    await deleteTopic(topic);
    return sample;
  }

  function roundOf(topic: string, partitions: number): Round {
    return {
      ...{ bootstrap, topic, partitions, config, folder, jars },
      recordBytes: Number(values.size),
      rate: values.rate === 'max' ? Number.POSITIVE_INFINITY : Number(values.rate),
      warmupS: Number(values.warmup),
      measureS: Number(values.seconds),
    };
  }
}

const lineOf = (name: string, { cpuSecondsPerMillion, ratePerSecond, p99Ms }: Sample): string =>
  `${name.padEnd(26)} ${cpuSecondsPerMillion.toFixed(3)} CPU-s/million at ${Math.round(ratePerSecond)}/s, p99 ${p99Ms === null ? '–' : `${p99Ms} ms`}`;

/** Of pairs, so that what disturbed both is divided out. */
function ratioTo(peer: string): number | null {
  const ours = samples.get('native') ?? [];
  const theirs = samples.get(peer) ?? [];
  if (ours.length === 0 || theirs.length === 0) return null;
  const pairs = theirs.map(
    (one, i) => one.cpuSecondsPerMillion / (ours[i]?.cpuSecondsPerMillion ?? Number.NaN),
  );
  return median(pairs);
}

function report(): void {
  const of = (name: string, key: keyof Sample): number =>
    median((samples.get(name) ?? []).map((sample) => sample[key] ?? Number.NaN));
  const rows = arms.map(({ name }) => ({
    name,
    cpuSecondsPerMillion: of(name, 'cpuSecondsPerMillion'),
    ratePerSecond: of(name, 'ratePerSecond'),
    p99Ms: of(name, 'p99Ms'),
    samples: (samples.get(name) ?? []).map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
  }));
  const peers = rows.filter(({ name }) => name !== 'native');
  const best = peers.reduce<(typeof peers)[number] | null>(
    (least, row) =>
      least === null || row.cpuSecondsPerMillion < least.cpuSecondsPerMillion ? row : least,
    null,
  );
  say(`medians on ${cpus().length} × ${cpus()[0]?.model}, ${process.version}:`);
  for (const row of rows) say(lineOf(row.name, row));
  const ratios = {
    ratioToBestPeer: best === null ? null : ratioTo(best.name),
    ratioToKafkaPerfTest: ratioTo(perfTestArm.name),
  };
  say(
    `ratio to the best peer ${ratios.ratioToBestPeer?.toFixed(1)}, to perf-test ${ratios.ratioToKafkaPerfTest?.toFixed(1)}`,
  );
  const table = Object.fromEntries(rows.map(({ name, ...row }) => [name, row]));
  const found = { ...table, ...ratios };
  if (values.keep) say(keepResults(`produce ${values.size} B at ${values.rate}/s`, found));
  if (values.json) say(JSON.stringify(found));
}

try {
  await withWarmCluster(folder, 256 * 2 ** 20, measure);
} finally {
  rmSync(folder, { recursive: true });
}
report();

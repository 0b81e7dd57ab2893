/**
 * What does a consumed record cost the machine that reads it? CPU-seconds per million records, read at full speed from
 * the page cache of one warm local cluster of three brokers, for our native client, which looks at every byte, and its
 * peers, which do not, in turns A-B-C … C-B-A so that what drifts hits all alike.
 *
 * `npm run bench -- consume [--json] [--keep] [--records N] [--size BYTES] [--rounds N] [--partitions N] [--arms a,b]`. With
 * --json the last line is one JSON object; --keep keeps it in bench/results.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Arm, Sample } from './consume/arm.ts';
import { kcatArm } from './consume/kcat.ts';
import { ordealArm } from './consume/ordeal.ts';
import { perfTestArm } from './consume/perf-test.ts';
import { ordealArm as producing } from './produce/ordeal.ts';
import { type WarmCluster, withWarmCluster } from './side-by-side/cluster.ts';
import { median } from './side-by-side/median.ts';
import { keepResults } from './side-by-side/results.ts';

const ARMS: readonly Arm[] = [
  ordealArm('native', Number.POSITIVE_INFINITY),
  perfTestArm,
  kcatArm,
  ordealArm('kafkajs', 1_000_000),
];
const TOPIC = 'bench';
/** Not so many that records queue up: then batches are as those of a load that runs well. */
const FILL_PER_SECOND = 100_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    records: { type: 'string', default: '10000000' },
    size: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '12' },
    arms: { type: 'string', default: ARMS.map(({ name }) => name).join(',') },
  },
});

const say = (line: string): void => console.log(line);
const wanted = values.arms.split(',');
const arms = ARMS.filter(({ name }) => wanted.includes(name)).filter((arm) => {
  const missing = arm.missing();
  if (missing !== null) say(`${arm.name}: left out, ${missing}`);
  return missing === null;
});

const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
const samples = new Map<string, Sample[]>(arms.map(({ name }) => [name, []]));

const lineOf = (name: string, { cpuSecondsPerMillion, ratePerSecond }: Sample): string =>
  `${name.padEnd(26)} ${cpuSecondsPerMillion.toFixed(4)} CPU-s/million at ${Math.round(ratePerSecond)}/s`;

async function measure({ bootstrap, jars, createTopic }: WarmCluster): Promise<void> {
  const partitions = Number(values.partitions);
  const records = Number(values.records);
  await createTopic(TOPIC, partitions);
  const fillS = Math.ceil(records / FILL_PER_SECOND);
  const around = { bootstrap, topic: TOPIC, partitions, folder, jars };
  await producing('native', Number.POSITIVE_INFINITY).run({
    ...{ ...around, recordBytes: Number(values.size), rate: records / fillS },
    config: { acks: 'all', 'linger.ms': '5', 'batch.size': '131072' },
    ...{ warmupS: 0, measureS: fillS },
  });
  let number = 0;
  for (let i = -1; i < Number(values.rounds); i++) {
    for (const arm of i % 2 === 0 ? arms : [...arms].reverse()) {
      const sample = await arm.run({ ...around, records, number: number++ });
      if (i >= 0) samples.get(arm.name)?.push(sample);
      say(`${i < 0 ? 'not counted: ' : ''}${lineOf(arm.name, sample)}`);
    }
  }
}

/** Of pairs, so that what disturbed both is divided out. */
function ratioTo(peer: string): number {
  const ours = samples.get('native') ?? [];
  const theirs = samples.get(peer) ?? [];
  return median(
    theirs.map(
      (one, i) => one.cpuSecondsPerMillion / (ours[i]?.cpuSecondsPerMillion ?? Number.NaN),
    ),
  );
}

function report(): void {
  say(`medians on ${cpus().length} × ${cpus()[0]?.model}, ${process.version}:`);
  const rows = arms.map(({ name }) => {
    const own = samples.get(name) ?? [];
    return {
      name,
      cpuSecondsPerMillion: median(own.map((sample) => sample.cpuSecondsPerMillion)),
      ratePerSecond: median(own.map((sample) => sample.ratePerSecond)),
      ratioToNative: ratioTo(name),
      samples: own.map((sample) => sample.cpuSecondsPerMillion),
    };
  });
  for (const row of rows) say(`${lineOf(row.name, row)}, ${row.ratioToNative.toFixed(1)} x native`);
  const found = Object.fromEntries(rows.map(({ name, ...row }) => [name, row]));
  if (values.keep) say(keepResults(`consume ${values.size} B`, found));
  if (values.json) say(JSON.stringify(found));
}

try {
  await withWarmCluster(folder, 2 ** 30, measure);
} finally {
  rmSync(folder, { recursive: true });
}
report();

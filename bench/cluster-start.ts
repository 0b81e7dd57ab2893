/**
 * How long until a local cluster is ready, warm cache: wall time and the CPU its brokers spent, which other work on
 * the machine disturbs less. Takes the number of brokers and of runs; compile it with tsc as tsconfig.json says,
 * from the root, with Kafka's lock file beside host/kafka-jars.js.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localProvider } from '../src/cluster/local/provider.ts';
import { contextIn, hostWith, pidOf, scenarioWith } from '../test/cluster/scenarios.ts';
import { cpuSeconds } from './side-by-side/process-cpu.ts';

const brokers = Number(process.argv[2] ?? 3);
const runs = Number(process.argv[3] ?? 5);

async function once(): Promise<{ readonly wallMs: number; readonly cpu: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
  const scenario = scenarioWith({ brokers, heapBytes: 512 * 2 ** 20 });
  const context = contextIn(folder);
  const startedAt = performance.now();
  try {
    await using cluster = await localProvider(hostWith()).start({ scenario, proxied: [] }, context);
    const wallMs = performance.now() - startedAt;
    const pids = [...cluster.nodes.keys()].map((id) => pidOf(context, id));
    return { wallMs, cpu: pids.map(cpuSeconds).reduce((sum, one) => sum + one, 0) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

await once();
const results: Awaited<ReturnType<typeof once>>[] = [];
for (let i = 0; i < runs; i++) results.push(await once());
for (const { wallMs, cpu } of results) console.log(`${wallMs.toFixed(0)} ms, ${cpu} CPU-s`);
console.log(
  `${brokers} brokers: median ${median(results.map(({ wallMs }) => wallMs)).toFixed(0)} ms, ` +
    `${median(results.map(({ cpu }) => cpu)).toFixed(1)} CPU-s`,
);

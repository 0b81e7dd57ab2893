/** kafka-producer-perf-test, from the jars that the local provider has. Its own start and its JIT's first work do not count. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { formatAddress } from '../../src/lib/address.ts';
import { cpuSeconds } from '../side-by-side/process-cpu.ts';
import type { Arm, Round, Sample } from './arm.ts';

/** It tells what it sent about so often. */
const REPORT_S = 5;
/** About what it does when nothing holds it back. */
const UNPACED_RATE = 200_000;

export const perfTestArm: Arm = {
  name: 'kafka-producer-perf-test',
  missing: () => null,
  run,
};

type Report = { readonly records: number; readonly cpu: number; readonly atMs: number };

async function run(round: Round): Promise<Sample> {
  const { jars, topic, rate, recordBytes, warmupS, measureS, bootstrap } = round;
  // Its reports come at their own times, and the first of them is warm-up too.
  const unpaced = rate === Number.POSITIVE_INFINITY;
  const records = (unpaced ? UNPACED_RATE : rate) * (warmupS + measureS + 2 * REPORT_S);
  const config = { 'bootstrap.servers': bootstrap.map(formatAddress).join(','), ...round.config };
  const child = spawn(
    'java',
    [
      ...['-Xmx256m', '-cp', jars.classpath.join(':')],
      'org.apache.kafka.tools.ProducerPerformance',
      ...[
        '--topic',
        topic,
        '--num-records',
        String(records),
        '--throughput',
        unpaced ? '-1' : String(rate),
      ],
      ...['--record-size', String(recordBytes), '--producer-props'],
      ...Object.entries(config).map(([name, value]) => `${name}=${value}`),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const reports: Report[] = [];
  let p99Ms: number | null = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const p99 = /([\d.]+) ms 99th/.exec(line)?.[1];
    const sent = /^(\d+) records sent/.exec(line)?.[1];
    if (p99 !== undefined) p99Ms = Number(p99);
    else if (sent !== undefined && child.pid !== undefined) {
      reports.push({
        records: Number(sent),
        cpu: cpuSeconds(child.pid),
        atMs: performance.now(),
      });
    }
  });
  await once(child, 'close');
  return { ...slope(reports, warmupS), p99Ms };
}

/** Between the first report after the warm-up and the last one. */
function slope(
  reports: readonly Report[],
  warmupS: number,
): Pick<Sample, 'cpuSecondsPerMillion' | 'ratePerSecond'> {
  const [from, ...counted] = reports.slice(Math.max(0, Math.ceil(warmupS / REPORT_S) - 1));
  const to = counted.at(-1);
  if (from === undefined || to === undefined) throw new Error('perf-test did not report enough');
  const records = counted.reduce((sum, report) => sum + report.records, 0);
  return {
    cpuSecondsPerMillion: ((to.cpu - from.cpu) / records) * 1e6,
    ratePerSecond: (records / (to.atMs - from.atMs)) * 1000,
  };
}

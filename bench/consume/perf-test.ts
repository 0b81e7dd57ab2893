/** kafka-consumer-perf-test, from the jars that the local provider has. Its own start and its JIT's first work do not count. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { formatAddress } from '../../src/lib/address.ts';
import { cpuSeconds } from '../side-by-side/process-cpu.ts';
import type { Arm, Round, Sample } from './arm.ts';

export const perfTestArm: Arm = {
  name: 'kafka-consumer-perf-test',
  missing: () => null,
  run,
};

type Report = { readonly records: number; readonly cpu: number; readonly atMs: number };

async function run({ jars, topic, records, bootstrap }: Round): Promise<Sample> {
  const child = spawn(
    'java',
    [
      ...['-Xmx512m', '-cp', jars.classpath.join(':')],
      'org.apache.kafka.tools.ConsumerPerformance',
      ...['--topic', topic, '--num-records', String(records), '--hide-header'],
      ...['--show-detailed-stats', '--reporting-interval', '1000'],
      ...['--bootstrap-server', bootstrap.map(formatAddress).join(',')],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const reports: Report[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    // time, thread, MB, MB/s, records so far, …
    const read = Number(line.split(', ')[4]);
    if (Number.isNaN(read) || child.pid === undefined) return;
    reports.push({ records: read, cpu: cpuSeconds(child.pid), atMs: performance.now() });
  });
  await once(child, 'close');
  return slope(reports);
}

/** Between the first report, behind its start, and the last one. */
function slope(reports: readonly Report[]): Sample {
  const [from] = reports;
  const to = reports.at(-1);
  if (from === undefined || to === undefined || to.records <= from.records) {
    throw new Error('perf-test did not report enough: fill the topic more');
  }
  const records = to.records - from.records;
  return {
    cpuSecondsPerMillion: ((to.cpu - from.cpu) / records) * 1e6,
    ratePerSecond: (records / (to.atMs - from.atMs)) * 1000,
  };
}

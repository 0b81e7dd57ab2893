/** kcat (librdkafka), where it is installed: reads everything and writes it nowhere. */
import { execFileSync, spawnSync } from 'node:child_process';
import { formatAddress } from '../../src/lib/address.ts';
import type { Arm, Round, Sample } from './arm.ts';

export const kcatArm: Arm = {
  name: 'kcat',
  missing: () => (spawnSync('kcat', ['-V']).error === undefined ? null : 'it is not installed'),
  run,
};

/** The shell tells what its children used. */
async function run({ topic, records, bootstrap }: Round): Promise<Sample> {
  const command = 'kcat -C -b "$1" -t "$2" -o beginning -c "$3" -u -q >/dev/null 2>&1; times';
  const args = ['-c', command, 'sh', bootstrap.map(formatAddress).join(','), topic];
  const startedMs = performance.now();
  const told = execFileSync('bash', [...args, String(records)], { encoding: 'utf8' });
  const seconds = (performance.now() - startedMs) / 1000;
  const children = told.trim().split('\n').at(-1) ?? '';
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
    .reduce((sum, one) => sum + one, 0);
  return { cpuSecondsPerMillion: (cpu / records) * 1e6, ratePerSecond: records / seconds };
}

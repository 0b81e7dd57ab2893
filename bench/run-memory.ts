/**
 * How much memory do all our Node processes take together, from the first record to the verdict? A whole run, built
 * program and all, against a broker in this process that swallows everything and gives it back to the audit and to a
 * consumer group. Takes the number of records and the rate; prints the peak and fails above the limit.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';
import { startLyingBroker } from '../test/lying-broker/lying-broker.ts';

const LIMIT_MIB = 400;
const records = Number(process.argv[2] ?? 10_000_000);
const perSecond = Number(process.argv[3] ?? 20_000);

const folder = mkdtempSync(join(tmpdir(), 'ordeal-bench-'));
const scenario = join(folder, 'memory.yaml');
writeFileSync(
  scenario,
  `name: memory
cluster: { provider: external, bootstrap: "\${BOOTSTRAP}" }
topics: { orders: { partitions: 4, replicas: 1 } }
load:
  checkout: { produce: orders, rate: ${perSecond}/s, size: 100B, config: { linger.ms: 50, batch.size: 262144 } }
  billing: { consume: orders }
phases: { warmup: 0s, measure: ${Math.ceil(records / perSecond)}s, drain: 10m }
expect: [lost == 0]
`,
);

/** Resident memory of a process and of all its descendants, in MiB (Linux). */
function residentMib(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || isOurs(parents.get(pid)));
  let kib = 0;
  for (const pid of parents.keys()) if (isOurs(pid)) kib += residentKib(pid);
  return kib / 1024;
}

function residentKib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

await using broker = await startLyingBroker({ topics: { orders: 4 } });
const run = spawn(
  process.execPath,
  ['dist/cli/main.js', 'run', scenario, '--out', join(folder, 'run')],
  { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, BOOTSTRAP: broker.brokers[0] } },
);
let peak = 0;
const timer = setInterval(() => {
  peak = Math.max(peak, residentMib(run.pid as number));
}, 250);
const code = await new Promise<number | null>((ended) => run.on('exit', ended));
clearInterval(timer);
const { delivery } = JSON.parse(readFileSync(join(folder, 'run', 'result.json'), 'utf8'));
rmSync(folder, { recursive: true });
console.log(
  `${delivery.read} records read back, exit ${code}; all our processes: ${Math.round(peak)} MiB at most, limit ${LIMIT_MIB}`,
);
// A generator that was late on this machine makes the verdict unknown; the memory it took counts all the same.
process.exitCode = code !== 1 && delivery.read > 0 && peak <= LIMIT_MIB ? 0 : 1;

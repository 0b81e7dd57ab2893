/**
 * Who uses the processors of this machine, sampled while traffic runs: each broker that is a process here, this process,
 * and everybody together. Where they share a machine its processors are what saturates first, and what neighbours use
 * shows in every latency.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { ClusterSample } from '../evidence/series.ts';
import type { Clock } from '../lib/clock.ts';

const EVERY_MS = 1000;
/** The kernel counts in hundredths of a second for programs, whatever it does inside (man 5 proc, USER_HZ). */
const TICK_MS = 10;

/** Milliseconds since some moment in the past. */
type Used = {
  readonly wall: number;
  readonly busy: number;
  readonly harness: number;
  /** By broker; one that cannot be seen from here is missing. */
  readonly brokers: ReadonlyMap<number, { readonly pid: number; readonly ms: number }>;
  /** How many there are. */
  readonly nodes: number;
};

export type ProcessorWatch = {
  readonly clock: Clock;
  /** The brokers' processes as they stand now, by broker. */
  readonly pids: () => ReadonlyMap<number, number>;
  readonly onSample: (sample: ClusterSample) => void;
};

/** Samples until it is disposed. */
export function watchProcessors(watch: ProcessorWatch): Disposable {
  let before = look(watch.pids());
  const sample = (): void => {
    const now = look(watch.pids());
    watch.onSample({ t: watch.clock.nowUs(), type: 'processors', ...between(before, now) });
    before = now;
  };
  const timer = setInterval(sample, EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function look(pids: ReadonlyMap<number, number>): Used {
  const times = cpus().map((one) => one.times);
  const all = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  const idle = times.reduce((sum, one) => sum + one.idle, 0);
  const { user, system } = process.cpuUsage();
  const brokers = [...pids].flatMap(([broker, pid]): [number, { pid: number; ms: number }][] => {
    const ms = brokerMs(pid);
    return ms === null ? [] : [[broker, { pid, ms }]];
  });
  return {
    wall: performance.now(),
    busy: all - idle,
    harness: (user + system) / 1000,
    brokers: new Map(brokers),
    nodes: pids.size,
  };
}

function between(before: Used, now: Used) {
  const brokers = [...now.brokers].map(([broker, { pid, ms }]): [string, number] => {
    const then = before.brokers.get(broker);
    // One that was started meanwhile has used all of it meanwhile.
    return [String(broker), then?.pid === pid ? ms - then.ms : ms];
  });
  return {
    cores: cpus().length,
    wallMs: rounded(now.wall - before.wall),
    busyMs: rounded(now.busy - before.busy),
    harnessMs: rounded(now.harness - before.harness),
    nodes: now.nodes,
    brokersMs: Object.fromEntries(brokers),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/**
 * What a broker's process has used, all its threads; null when it is not to be seen from here: it ended, or its number
 * means another process here than where it runs.
 */
function brokerMs(pid: number): number | null {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('kafka.Kafka')) return null;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may have blanks; what follows it has none.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null; // No such process, or no /proc: both mean that nothing is known.
  }
}

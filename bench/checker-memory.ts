/**
 * How much does the checker hold? Synthetic runs of four producers on six partitions, read back by a consumer group:
 * acknowledgements out of order within a window, records of all producers mixed in each partition. Prints the
 * bytes that the checker's structures count, the most at any moment, for ten and for a hundred million records of a
 * steady run, what a million more costs, and for an outage of 600 s at 100 000 records a second in which nothing
 * is acknowledged, or half of it; with no answers at all, with unknown ones, and with refusals by turns. Fails above the targets.
 * Transactions of a hundred records cost more, which is printed and no target.
 * Takes the records of the larger steady run; needs 3 GB of disk for a hundred million.
 */
import { readHistory } from '../src/verify/history.ts';
import type { RunBuilder } from '../test/fixtures/run-builder.ts';
import {
  type Course,
  PER_SECOND,
  SLICE,
  STEADY,
  STREAMS,
  SteadyRun,
} from '../test/fixtures/steady-run.ts';
import { RECORDS, TransactionalRun } from '../test/fixtures/transactional-run.ts';

const OUTAGE_S = 600;
const LIMIT_BYTES_PER_MILLION = 1024;
const LIMIT_MIB = 16;

const measureSends = (name: string, records: number, course: Course): number =>
  measure(name, new SteadyRun(Math.floor(records / SLICE), course).builder);

const measureTransactions = (name: string, records: number): number =>
  measure(name, new TransactionalRun(Math.floor(records / RECORDS)).builder);

/** Returns the bytes held at most. */
function measure(name: string, builder: RunBuilder): number {
  using run = builder;
  const evidence = run.finish();
  const before = process.cpuUsage();
  const { memory, index, findings } = readHistory(run.scenario, evidence, new Set());
  const { user, system } = process.cpuUsage(before);
  const read = index.streams.reduce((sum, stream) => sum + stream.read.size, 0);
  const seconds = ((user + system) / 1e6).toFixed(1);
  const kib = (memory.peakBytes / 1024).toFixed(1);
  console.log(`${name}: ${kib} KiB at most; ${read} records read back, ${seconds} CPU-s`);
  const found = findings.all.map(({ kind, count }) => `${kind} × ${count}`);
  if (found.length > 0) throw new Error(`a legal run had ${found.join(', ')}`);
  return memory.peakBytes;
}

const most = Number(process.argv[2] ?? 100_000_000);
const small = measureSends('steady, a tenth', most / 10, () => STEADY);
const large = measureSends('steady', most, () => STEADY);
const slope = (large - small) / ((most - most / 10) / 1e6);
console.log(
  `a million records more: ${Math.round(slope)} bytes, target ${LIMIT_BYTES_PER_MILLION}`,
);

const committed = [most / 100, most / 25].map((records) =>
  measureTransactions(`${records / 1e6} million in transactions`, records),
) as [number, number];
const slopeCommitted = (committed[1] - committed[0]) / ((most / 25 - most / 100) / 1e6);
console.log(`a million records more, in transactions: ${Math.round(slopeCommitted)} bytes`);

const calm = 1_000_000 / SLICE;
const silent = (OUTAGE_S * PER_SECOND) / SLICE;
const isOut = (send: number): boolean => send >= calm && send < calm + silent;
const outages: Readonly<Record<string, Course>> = {
  'outage, no answers': (send) => (isOut(send) ? { answer: null, written: true } : STEADY),
  'outage of half the producers': (send) =>
    isOut(send) && send % STREAMS < STREAMS / 2 ? { answer: null, written: true } : STEADY,
  'outage, all unknown': (send) => (isOut(send) ? { answer: 'unknown', written: true } : STEADY),
  'outage, refused and unknown by turns of a second': (send) => {
    if (!isOut(send)) return STEADY;
    const refused = Math.floor((send * SLICE) / PER_SECOND) % 2 === 0;
    return { answer: refused ? 'failed' : 'unknown', written: false };
  },
};
const peaks = Object.entries(outages).map(([name, course]) =>
  measureSends(name, (calm * 2 + silent) * SLICE, course),
);
const peakMib = Math.max(...peaks) / 2 ** 20;
console.log(`outages: ${peakMib.toFixed(2)} MiB at most, target ${LIMIT_MIB}`);
process.exitCode = slope > LIMIT_BYTES_PER_MILLION || peakMib > LIMIT_MIB ? 1 : 0;

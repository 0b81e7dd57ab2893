/** The harness's side of the workers, with real processes that run a small program of the test's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { LedgerWriter } from '../../src/evidence/ledger.ts';
import { workerLedger } from '../../src/evidence/run-folder.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import type { OrdealError } from '../../src/lib/errors.ts';
import { NO_ROUTES } from '../../src/lib/route.ts';
import type { WorkerControl } from '../../src/load/control.ts';
import { startLoad } from '../../src/load/workers.ts';
import { OWN_NAMES } from '../../src/scenario/kafka-names.ts';
import type { LoadSpec } from '../../src/scenario/scenario.ts';
import { consumeLoad, produceLoad } from './fake-client.ts';

const ENTRY = new URL('./fake-worker.mjs', import.meta.url);
const SCHEDULE = { warmupUs: 1, measureUs: 2, endUs: 3 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-workers-'));
  for (const name of ['logs', 'ledger']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(loads: LoadSpec[], signal = new AbortController().signal) {
  const events: RunEvent[] = [];
  const seconds: unknown[] = [];
  const lines: string[] = [];
  const failures: OrdealError[] = [];
  const topics = Object.fromEntries(loads.map(({ topic }) => [topic, { partitions: 2 }]));
  const traffic = loads.flatMap((load) => (load.kind === 'produce' ? [load] : []));
  const load = startLoad(
    {
      ...{ loads, streams: createStreamTable(7, topics, traffic), connection: {}, seed: 1 },
      ...{ bootstrap: [{ host: 'localhost', port: 1 }], t0Ns: '0', runFolder: folder },
      ...{ routes: NO_ROUTES, names: OWN_NAMES },
    },
    {
      onEvent: (event) => events.push(event),
      onSecond: (second) => seconds.push(second),
      onHistogram: (line) => lines.push(line),
      onFailure: (error) => failures.push(error),
    },
    signal,
    ENTRY,
  );
  return { load, events, seconds, lines, failures };
}

const soon = { timeoutMs: 20_000, everyMs: 10 };
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};
const pidsOf = (events: RunEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'worker-started' ? [event.pid] : []));

test('a load begins, reports and ends', { timeout: 30_000 }, async () => {
  const run = start([produceLoad({ producers: 3, workers: 2 }), consumeLoad()]);
  await run.load.ready;
  expect(pidsOf(run.events)).toHaveLength(3);
  run.load.begin(SCHEDULE);
  await waitFor('reports', () => run.lines.length === 3, soon);
  expect(run.load.status()).toEqual([
    ...[
      { load: 'checkout', kind: 'produce', offered: 20, pending: 6, received: 4, workersAlive: 2 },
    ],
    ...[
      { load: 'billing', kind: 'consume', offered: 10, pending: 3, received: 2, workersAlive: 1 },
    ],
  ]);
  expect(run.seconds).toHaveLength(3);
  await run.load.stop(10_000);
  const exits = run.events.filter(({ type }) => type === 'worker-exited');
  expect(exits).toHaveLength(3);
  for (const exit of exits) expect(exit).toMatchObject({ code: 0, expected: true });
  await run.load.stop(10_000);
});

test('a worker that does not hear is killed', { timeout: 30_000 }, async () => {
  const run = start([produceLoad({ topic: 'deaf' })]);
  await run.load.ready;
  await run.load.stop(100);
  expect(run.events.at(-1)).toMatchObject({ type: 'worker-exited', signal: 'SIGKILL' });
});

test('a worker that dies at its start is told by `ready`', { timeout: 30_000 }, async () => {
  await using load = start([produceLoad({ topic: 'dies' })]).load;
  await expect(load.ready).rejects.toMatchObject({ code: 'worker.died', kind: 'environment' });
});

test('what a worker cannot do is told by `ready`', { timeout: 30_000 }, async () => {
  await using load = start([produceLoad({ topic: 'cannot-start' })]).load;
  await expect(load.ready).rejects.toMatchObject({ code: 'x.y', message: 'no', hint: 'do' });
});

test('a disk that fills up on the way is told once', { timeout: 30_000 }, async () => {
  const run = start([produceLoad({ topic: 'disk-full', producers: 2, workers: 2 })]);
  await run.load.ready;
  run.load.begin(SCHEDULE);
  await waitFor('failure', () => run.failures.length > 0, soon);
  await run.load.stop(10_000);
  expect(run.failures.map(({ code }) => code)).toEqual(['ledger.unwritable']);
});

test('an interruption ends the wait', { timeout: 30_000 }, async () => {
  const interruption = new AbortController();
  await using load = start([consumeLoad({ topic: 'silent' })], interruption.signal).load;
  interruption.abort(new Error('enough'));
  await expect(load.ready).rejects.toThrow();
});

test('a killed worker is gone, expected, and nobody waits for its answers', {
  timeout: 30_000,
}, async () => {
  const run = start([produceLoad()]);
  await run.load.ready;
  run.load.begin(SCHEDULE);
  await waitFor('status', () => run.load.status()[0]?.pending === 3, soon);
  const [worker] = run.load.workers('checkout', null);
  worker?.pause();
  await worker?.kill();
  expect(isGone(pidsOf(run.events)[0] as number)).toBe(true);
  expect(run.load.status()[0]).toMatchObject({ offered: 10, pending: 0, workersAlive: 0 });
  expect(run.events.at(-1)).toMatchObject({ type: 'worker-exited', expected: true });
  await run.load.stop(1000);
});

test('a killed worker starts again with a ledger of its own and where the dead one stopped', {
  timeout: 30_000,
}, async () => {
  const run = start([produceLoad({ topic: 'tells-plan' })]);
  await run.load.ready;
  run.load.begin(SCHEDULE);
  await waitFor('status', () => run.load.status()[0]?.pending === 3, soon);
  const [worker] = run.load.workers('checkout', 0) as [WorkerControl];
  worker.disturb({ slowMs: 5, rejoinMs: 0 });
  await worker.kill();
  expect(worker.pid).toBeNull();
  const ledger = new LedgerWriter(join(folder, workerLedger('checkout', 0)));
  ledger.append({ kind: 'intent', stream: 1, first: 0, count: 7, transaction: 4, timeUs: 1 });
  ledger.close();
  await worker.restart();
  await worker.restart(); // It lives: nothing to do.
  expect(run.events.filter(({ type }) => type === 'worker-started')).toMatchObject([
    { worker: 0, pid: expect.any(Number) },
    { worker: 0, pid: worker.pid, incarnation: 1 },
  ]);
  const isAgain = (line: string): boolean => line.startsWith('incarnation 1');
  await waitFor(
    'the disturbance again',
    () => run.lines.slice(run.lines.findIndex(isAgain)).includes('disturb 5'),
    soon,
  );
  const told = run.lines.filter((line) => !line.startsWith('line'));
  expect(told.filter((line) => !line.startsWith('disturb'))).toEqual([
    'incarnation 0, begun [], in checkout-0.ledger',
    'incarnation 1, begun [{"stream":1,"next":7,"nextTransaction":5}], in checkout-0.1.ledger',
  ]);
  expect(told.at(-1)).toBe('disturb 5');
  await waitFor('status', () => run.load.status()[0]?.offered === 20, soon);
  expect(run.load.status()[0]).toMatchObject({ pending: 3, received: 4, workersAlive: 1 });
  await run.load.stop(10_000);
});

test('a worker that cannot start again is told to who asked, and does not end the run', {
  timeout: 30_000,
}, async () => {
  const run = start([produceLoad({ topic: 'dies-again' })]);
  await run.load.ready;
  const [worker] = run.load.workers('checkout', 0) as [WorkerControl];
  await worker.kill();
  writeFileSync(join(folder, workerLedger('checkout', 0)), '');
  await expect(worker.restart()).rejects.toMatchObject({ code: 'worker.died' });
  expect(run.failures).toEqual([]);
  await run.load.stop(1000);
});

test('a stopping load starts nobody again', { timeout: 30_000 }, async () => {
  const run = start([produceLoad()]);
  await run.load.ready;
  const [worker] = run.load.workers('checkout', 0) as [WorkerControl];
  await worker.kill();
  await run.load.stop(1000);
  await worker.restart();
  expect(worker.pid).toBeNull();
});

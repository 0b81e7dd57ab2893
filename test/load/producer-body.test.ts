/** The producer worker in process: a clock and a cluster that do what the test says. */
import { expect, test } from 'vitest';
import type { LoadSecond } from '../../src/evidence/series.ts';
import { ProducerBody } from '../../src/load/producer-body.ts';
import type { Deltas } from '../../src/load/tally.ts';
import { readStamp } from '../../src/payload/stamp.ts';
import type { ProduceLoad } from '../../src/scenario/scenario.ts';
import {
  acknowledged,
  FakeClient,
  FakeSurroundings,
  produceLoad,
  type Sent,
  workerPlan,
} from './fake-client.ts';

const SCHEDULE = { warmupUs: 1_000_000, measureUs: 2_000_000, endUs: 4_000_000 };

function begun(changes: Partial<ProduceLoad> = {}, partitions = 2) {
  const load = produceLoad(changes);
  const client = new FakeClient();
  const around = new FakeSurroundings();
  const plan = workerPlan(load, partitions);
  const body = new ProducerBody(plan, load, client, around);
  body.begin(SCHEDULE);
  const at = (us: number): void => {
    around.clock.us = us;
    body.tick();
  };
  return { load, client, around, body, plan, at };
}

const sum = (seconds: readonly LoadSecond[], key: keyof LoadSecond): number =>
  seconds.reduce((total, second) => total + Number(second[key] ?? 0), 0);

/** What waited for answers leaves once all that came together have been heard. */
const heard = (): Promise<void> => Promise.resolve();

/** Answers whatever is on its way until nothing more comes. */
async function answerAll({ client }: { client: FakeClient }, writtenUs: number): Promise<Sent[]> {
  const answered: Sent[] = [];
  for (let next = client.sent.shift(); next; next = client.sent.shift()) {
    next.done(acknowledged(answered.length, writtenUs));
    answered.push(next);
    await heard();
  }
  return answered;
}

test('offers exactly the records intended within warm-up and measure', () => {
  const run = begun();
  run.at(999_999);
  expect(run.body.totals().offered).toBe(0);
  run.at(1_500_000);
  expect(run.body.totals().offered).toBe(501);
  run.at(9_000_000);
  expect(run.body.totals()).toMatchObject({ offered: 3000, pending: 3000, received: 0 });
});

test('offering may end before its time', () => {
  const run = begun();
  run.at(1_500_000);
  run.body.endAt(2_000_000);
  run.at(9_000_000);
  expect(run.body.totals().offered).toBe(1000);
});

test('a cluster that never answers does not slow the pacer; one slice per stream is on its way', () => {
  const run = begun();
  for (let us = 1_000_000; us < 4_000_000; us += 1000) run.at(us);
  expect(run.body.totals().pending).toBe(3000);
  expect(run.client.sent.map(({ slice }) => slice.partition).sort()).toEqual([0, 1]);
});

test('a stream sends its sequence without gaps, the next slice as soon as the last is answered', async () => {
  const run = begun();
  run.at(3_999_999);
  const slices = (await answerAll(run, 4_000_000)).map(({ slice }) => slice);
  for (const partition of [0, 1]) {
    let next = 0;
    for (const slice of slices.filter((one) => one.partition === partition)) {
      expect(slice.firstSequence).toBe(next);
      expect(slice.stream).toBe(run.plan.firstStream + partition);
      next += slice.count;
    }
    expect(next).toBe(1500);
  }
  expect(run.body.totals().pending).toBe(0);
});

test('a batch holds no more than batch.size', async () => {
  const run = begun({ config: { 'linger.ms': '0', 'batch.size': '1100' } });
  run.at(3_999_999);
  for (const { slice } of await answerAll(run, 4_000_000))
    expect(slice.count).toBeLessThanOrEqual(10);
});

test('lingering records wait, and go when their time is over', () => {
  const run = begun({ config: { 'linger.ms': '5' } }, 1);
  run.at(1_000_000);
  run.at(1_004_000);
  expect(run.client.sent).toHaveLength(0);
  run.at(1_005_000);
  expect(run.client.sent[0]?.slice.count).toBe(6);
});

test('every send has its intent in the ledger before, and its outcome after', () => {
  const run = begun({}, 1);
  run.at(1_000_000);
  const [{ slice }] = run.client.sent as [Sent];
  const { stream, firstSequence: first, count } = slice;
  const intent = { kind: 'intent', stream, first, count, timeUs: 1_000_000 };
  expect(run.around.entries).toEqual([intent]);
  run.around.clock.us = 1_020_000;
  run.client.sent[0]?.done({
    ...{ outcome: 'unknown', errorCode: 7, error: 'timed out', baseOffset: -1 },
    ...{ attempts: 3, writtenUs: 1_010_000 },
  });
  expect(run.around.entries[1]).toEqual({
    ...{ kind: 'outcome', stream, first, count, outcome: 'unknown', attempts: 3 },
    ...{ errorCode: 7, baseOffset: -1, timeUs: 1_020_000 },
  });
  expect(run.body.problems()).toMatchObject([
    { type: 'client-error', load: 'checkout', code: 'send.7', message: 'timed out', count: 1 },
  ]);
  const { seconds } = run.body.flush() as Deltas;
  expect(sum(seconds, 'unknown')).toBe(count);
  expect(sum(seconds, 'retriesNow')).toBe(2);
});

test('counts belong to the second of the intended time, throughput to the second of the answer', async () => {
  const run = begun({ rate: { kind: 'constant', perSecond: 10 } }, 1);
  run.at(3_999_999);
  run.around.clock.us = 5_500_000;
  await answerAll(run, 5_000_000);
  const { seconds, histograms } = run.body.flush() as Deltas;
  const by = new Map(seconds.map((second) => [second.second, second]));
  for (const second of [-1, 0, 1]) {
    expect(by.get(second)).toMatchObject({ offered: 10, acknowledged: 10 });
  }
  expect(by.get(3)).toMatchObject({ ackedNow: 30, ackedBytesNow: 3000 });
  const tags = histograms.map((line) => line.split(',')[0]);
  expect(new Set(tags)).toEqual(
    new Set(['ack', 'queue', 'service', 'lateness'].map((metric) => `Tag=checkout.${metric}`)),
  );
  expect(run.body.flush()?.histograms).toEqual([]);
});

test('answers out of order keep the records that are still open', async () => {
  const load = produceLoad({ config: { 'linger.ms': '0', 'batch.size': '250' } });
  const client = new FakeClient();
  client.maxOutstanding = 3;
  const around = new FakeSurroundings();
  const body = new ProducerBody(workerPlan(load, 1), load, client, around);
  body.begin(SCHEDULE);
  around.clock.us = 1_010_000;
  body.tick();
  const [first, second, third] = client.sent.splice(0) as [Sent, Sent, Sent];
  third.done(acknowledged(4, 0));
  second.done(acknowledged(2, 0));
  const value = client.producers[0]?.source.valueOf(first.slice.stream, 0) as Buffer;
  const stamp = { runId: 0, stream: 0, sequence: 9, intendedUs: 0, valueBytes: 0 };
  expect(readStamp(value, 0, value.length, stamp)).toBe('ok');
  expect(stamp).toMatchObject({ sequence: 0, intendedUs: 1_000_000 });
  first.done(acknowledged(0, 0));
  await heard();
  await answerAll({ client }, 0);
  expect(body.totals().pending).toBe(0);
});

test('`max` keeps a bounded number ahead and has no response time', () => {
  const run = begun({ rate: { kind: 'max' } }, 1);
  run.at(1_000_000);
  const ahead = run.body.totals().pending;
  run.at(1_001_000);
  expect(run.body.totals().pending).toBe(ahead);
  run.client.sent[0]?.done(acknowledged(0, 1_001_000));
  run.at(1_002_000);
  expect(run.body.totals().offered).toBeGreaterThan(ahead);
  const lines = run.body.flush()?.histograms.join('\n') ?? '';
  expect(lines).toContain('checkout.service');
  expect(lines).not.toContain('checkout.ack');
});

test('stopping leaves what is on its way unknown, and fails what never left', async () => {
  const run = begun({ config: { 'linger.ms': '0', 'batch.size': '500' } }, 1);
  run.at(1_100_000);
  const sent = run.client.sent[0]?.slice.count ?? 0;
  await run.body.stop(0);
  const outcomes = run.around.entries.filter(({ kind }) => kind === 'outcome');
  expect(outcomes).toMatchObject([
    { outcome: 'failed', first: sent, count: 101 - sent, attempts: 0 },
  ]);
  const { seconds } = run.body.flush() as Deltas;
  expect(sum(seconds, 'unknown')).toBe(sent);
  expect(sum(seconds, 'failed')).toBe(101 - sent);
  expect(run.body.totals().pending).toBe(0);
});

test('nothing is sent once the ledger cannot be written', () => {
  const run = begun();
  run.around.broken = true;
  run.at(2_000_000);
  expect(run.client.sent).toHaveLength(0);
});

test('an intent is out of the process before its records are given to the client', () => {
  const run = begun({}, 1);
  run.at(1_000_000);
  expect(run.client.sent).toHaveLength(1);
  expect(run.around.flushed).toBe(1);
});

test('a successor goes on with fresh sequences at what is due, and tells what was dropped', () => {
  const load = produceLoad({ producers: 2 });
  const client = new FakeClient();
  const around = new FakeSurroundings();
  const first = workerPlan(load, 2);
  const begunStreams = [
    { stream: first.firstStream, next: 100, nextTransaction: 0 },
    { stream: first.firstStream + 3, next: 40, nextTransaction: 0 },
  ];
  const plan = { ...first, members: [0, 1], incarnation: 1, begun: begunStreams };
  const body = new ProducerBody(plan, load, client, around);
  around.clock.us = 2_000_000;
  body.begin(SCHEDULE);
  // Due by then are 1001 records at 1000/s from 1 s on; 140 of them were given to the dead one's client.
  expect(around.messages).toEqual([
    {
      type: 'event',
      event: {
        ...{ t: 2_000_000, type: 'records-dropped', load: 'checkout', worker: 0 },
        count: 1001 - 140,
        behind: { 0: 501, 1: 500 },
      },
    },
  ]);
  expect(body.totals()).toMatchObject({ offered: 0, pending: 0 });
  around.clock.us = 3_000_000;
  body.tick();
  expect(body.totals()).toMatchObject({ offered: 1000, pending: 1000 });
  const firsts = new Map(
    client.sent.map(({ slice }) => [slice.stream - plan.firstStream, slice.firstSequence]),
  );
  expect(firsts).toEqual(
    new Map([
      [0, 100],
      [1, 0],
      [2, 0],
      [3, 40],
    ]),
  );
});

test('a slowed producer looks less often at what is due', () => {
  const run = begun();
  run.body.disturb({ slowMs: 20, rejoinMs: 0 });
  expect(run.body.tickMs).toBe(21);
  run.at(1_500_000);
  expect(run.body.totals().slowed).toBe(1);
});

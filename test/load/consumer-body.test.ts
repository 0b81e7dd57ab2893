/** The consumer worker in process. */
import { expect, test } from 'vitest';
import type { ConsumedBatch, ConsumerContext, RepeatedBatch } from '../../src/clients/client.ts';
import { pause, waitFor } from '../../src/lib/deadline.ts';
import { ConsumerBody } from '../../src/load/consumer-body.ts';
import { writeFollower, writeStamp } from '../../src/payload/stamp.ts';
import { createTemplate } from '../../src/payload/template.ts';
import type { ConsumeLoad } from '../../src/scenario/scenario.ts';
import { consumeLoad, FakeClient, FakeSurroundings, workerPlan } from './fake-client.ts';

const SCHEDULE = { warmupUs: 1_000_000, measureUs: 2_000_000, endUs: 4_000_000 };
const valueAt = (runId: number, intendedUs: number): Buffer =>
  createTemplate({ size: [{ bytes: 50, weight: 1 }], compressibility: 0 }, runId, 1).valueOf(
    0,
    0,
    intendedUs,
  );

/** The nth of records that follow the first, which has a stamp of its own. */
function recordOf(firstUs: number, delayUs: number, i: number): Buffer {
  const value = Buffer.alloc(50, 1);
  const stamp = { runId: 7, stream: 0, sequence: i, valueBytes: 50 };
  if (i === 0) writeStamp(value, 0, { ...stamp, intendedUs: firstUs });
  else writeFollower(value, 0, { ...stamp, intendedUs: delayUs });
  return value;
}

function begun(changes: Partial<ConsumeLoad> = {}): {
  around: FakeSurroundings;
  body: ConsumerBody;
  client: FakeClient;
  handlers: ConsumerContext['handlers'];
} {
  const load = consumeLoad({ consumers: 2, ...changes });
  const client = new FakeClient();
  const around = new FakeSurroundings();
  const body = new ConsumerBody(workerPlan(load), load, client, around);
  body.begin(SCHEDULE);
  const [, { handlers }] = client.consumers as [ConsumerContext, ConsumerContext];
  return { around, body, client, handlers };
}

const batch = (
  partition: number,
  records: [offset: number, value: Buffer | null][],
): ConsumedBatch => ({
  partition,
  count: records.length,
  offsetAt: (i) => records[i]?.[0] as number,
  valueAt: (i) => records[i]?.[1] ?? null,
});

test('what was handed over is in the ledger, one entry for each run of offsets', () => {
  const { around, handlers, body } = begun();
  around.clock.us = 2_500_000;
  const value = valueAt(7, 2_400_000);
  void handlers.onBatch(
    batch(1, [
      [5, value],
      [6, value],
      [9, null],
      [11, value],
    ]),
  );
  expect(around.entries).toMatchObject([
    { kind: 'delivered', consumer: 1, place: 2, baseOffset: 5, count: 2, timeUs: 2_500_000 },
    { kind: 'delivered', consumer: 1, place: 2, baseOffset: 9, count: 1 },
    { kind: 'delivered', consumer: 1, place: 2, baseOffset: 11, count: 1 },
  ]);
  expect(body.totals().received).toBe(4);
  expect(body.flush()?.seconds).toMatchObject([{ second: 0, received: 4, receivedBytes: 150 }]);
});

test('batches that repeat what is known count as their records do', () => {
  const records = [0, 10, 20, 30].map((us, i): [number, Buffer] => [
    5 + i,
    recordOf(2_999_985, us, i),
  ]);
  const whole = batch(1, records);
  const delaysUs = Float64Array.from([0, 10, 20, 30]);
  const first = records[0]?.[1] as Buffer;
  const of = (baseOffset: number, count: number): RepeatedBatch => ({
    ...{ baseOffset, count, valueBytes: 50, first, delaysUs },
  });
  const told = [whole, { ...whole, repeats: [of(5, 4)] }].map((given) => {
    const { around, handlers, body } = begun();
    around.clock.us = 3_500_000;
    void handlers.onBatch(given);
    return { entries: around.entries, ...body.flush() };
  });
  expect(told[1]).toEqual(told[0]);
  expect(told[0]?.histograms).toHaveLength(2);

  const { around, handlers } = begun();
  void handlers.onBatch({ ...whole, repeats: [of(5, 2), of(7, 2), of(20, 3)] });
  expect(around.entries).toMatchObject([
    { kind: 'delivered', baseOffset: 5, count: 4 },
    { kind: 'delivered', baseOffset: 20, count: 3 },
  ]);
});

test('end-to-end latency counts in the second of the intended time, for records of this run only', () => {
  const { around, handlers, body } = begun();
  around.clock.us = 2_500_000;
  void handlers.onBatch(
    batch(0, [
      [0, valueAt(7, 1_400_000)],
      [1, valueAt(8, 1_400_000)],
      [2, Buffer.from('someone else')],
    ]),
  );
  const lines = body.flush()?.histograms ?? [];
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Tag=billing\.e2e,86399\.000,1\.000,1100\.000,/);
});

test('partitions that were added later are taken, and have no place in the ledger', () => {
  const { around, handlers, body } = begun();
  handlers.onAssigned([0, 2]);
  handlers.onCommitted(2, 0);
  handlers.onBatch(batch(2, [[0, Buffer.from('someone else')]]));
  expect(around.entries).toMatchObject([{ kind: 'assigned', place: 1 }]);
  expect(around.messages).toMatchObject([{ event: { partitions: [0, 2] } }]);
  expect(body.totals().received).toBe(0);
});

test('assignments and commits are told', () => {
  const { around, handlers } = begun();
  handlers.onAssigned([0, 1]);
  handlers.onCommitted(1, 42);
  handlers.onRevoked([1]);
  expect(around.entries).toMatchObject([
    { kind: 'assigned', consumer: 1, place: 1 },
    { kind: 'assigned', consumer: 1, place: 2 },
    { kind: 'committed', consumer: 1, place: 2, baseOffset: 42 },
    { kind: 'revoked', consumer: 1, place: 2 },
  ]);
  expect(around.messages).toMatchObject([
    { type: 'event', event: { type: 'assignment', change: 'assigned', partitions: [0, 1] } },
    { type: 'event', event: { type: 'assignment', change: 'revoked', partitions: [1] } },
  ]);
});

test('what is handed over is out of the process before it can be committed', () => {
  const { around, handlers } = begun();
  void handlers.onBatch(batch(0, [[0, null]]));
  expect(around.flushed).toBe(1);
});

test('a slowed consumer takes longer for each batch, and says so', async () => {
  const { body, handlers } = begun();
  body.disturb({ slowMs: 30, rejoinMs: 0 });
  const from = performance.now();
  await handlers.onBatch(batch(0, [[0, null]]));
  expect(performance.now() - from).toBeGreaterThan(20);
  expect(body.totals().slowed).toBe(1);
  body.disturb({ slowMs: 0, rejoinMs: 0 });
  await handlers.onBatch(batch(0, [[1, null]]));
  expect(body.totals().slowed).toBe(1);
});

test('a member that works on each record is handed few at a time, and takes its time', async () => {
  const { client, handlers, body } = begun({ processingMs: 8 });
  expect(client.consumers[0]?.recordsAtOnce).toBe(2);
  const from = performance.now();
  const records: [number, null][] = [0, 1, 2, 3].map((offset) => [offset, null]);
  const work = handlers.onBatch(batch(0, records));
  expect(body.totals().received).toBe(4);
  await work;
  expect(performance.now() - from).toBeGreaterThanOrEqual(31);
});

test('a member that only reads is handed what comes', () => {
  expect(begun().client.consumers[0]?.recordsAtOnce).toBeUndefined();
});

test('a group with a start joins then, and says so', async () => {
  const { around, body, client } = begun({ startMs: -990 });
  let joined = 0;
  client.onStart = () => {
    joined += 1;
  };
  around.clock.us = SCHEDULE.measureUs - 1_000_000;
  await body.start();
  body.begin(SCHEDULE);
  expect(joined).toBe(0);
  await waitFor('both members', () => joined === 2, { timeoutMs: 10_000, everyMs: 5 });
  expect(around.messages).toMatchObject([
    { type: 'event', event: { type: 'consumers-started', load: 'billing', worker: 0 } },
  ]);
  await body.stop(1000);
});

test('a group that cannot begin ends the run', async () => {
  const { around, body, client } = begun({ startMs: -1000 });
  client.onStart = () => {
    throw new Error('no such topic');
  };
  around.clock.us = SCHEDULE.measureUs;
  body.begin(SCHEDULE);
  await waitFor('its word', () => around.messages.length === 2, { timeoutMs: 10_000, everyMs: 5 });
  expect(around.messages[1]).toMatchObject({ type: 'failed', code: 'consumer.start' });
  await body.stop(1000);
});

test('a group that was stopped before its start never joins', async () => {
  const { body, client } = begun({ startMs: 0 });
  client.onStart = () => {
    throw new Error('it joined');
  };
  body.begin(SCHEDULE);
  await body.stop(1000);
  await pause(30);
});

test('in a storm every member leaves and joins again, until it is over', async () => {
  const { body, client } = begun();
  body.disturb({ slowMs: 0, rejoinMs: 5 });
  await waitFor('two rounds', () => client.rejoins.length >= 4, { timeoutMs: 10_000, everyMs: 5 });
  expect(new Set(client.rejoins).size).toBe(2);
  await body.stop(1000);
  const after = client.rejoins.length;
  await pause(30);
  expect(client.rejoins).toHaveLength(after);
});

/** The consumer worker in process. */
import { expect, test } from 'vitest';
import type { ConsumedBatch, ConsumerContext } from '../../src/clients/client.ts';
import { pause, waitFor } from '../../src/lib/deadline.ts';
import { ConsumerBody } from '../../src/load/consumer-body.ts';
import { createTemplate } from '../../src/payload/template.ts';
import { consumeLoad, FakeClient, FakeSurroundings, workerPlan } from './fake-client.ts';

const SCHEDULE = { warmupUs: 1_000_000, measureUs: 2_000_000, endUs: 4_000_000 };
const valueAt = (runId: number, intendedUs: number): Buffer =>
  createTemplate({ size: [{ bytes: 50, weight: 1 }], compressibility: 0 }, runId, 1).valueOf(
    0,
    0,
    intendedUs,
  );

function begun(): {
  around: FakeSurroundings;
  body: ConsumerBody;
  client: FakeClient;
  handlers: ConsumerContext['handlers'];
} {
  const load = consumeLoad({ consumers: 2 });
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

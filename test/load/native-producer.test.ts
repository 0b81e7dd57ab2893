/** The producer worker with the native client against a broker in this process: what the audit finds is what was offered. */
import { expect, test } from 'vitest';
import { native } from '../../src/clients/native/library.ts';
import type { LedgerEntry } from '../../src/evidence/ledger.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { ProducerBody } from '../../src/load/producer-body.ts';
import type { ProduceLoad } from '../../src/scenario/scenario.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, RUN_ID } from '../lying-broker/traffic.ts';
import { FakeSurroundings, produceLoad, workerPlan } from './fake-client.ts';

const PARTITIONS = 3;

test.each<[string, Partial<ProduceLoad>]>([
  ['evenly', {}],
  ['by two producers', { producers: 2 }],
  ['at random', { arrival: 'poisson' }],
  ['as fast as it goes', { rate: { kind: 'max' } }],
  ['with keys', { keys: { kind: 'uniform', count: 50 } }],
  ['with headers', { headers: { trace: 'abc' } }],
  [
    'of several sizes',
    {
      size: [
        { bytes: 50, weight: 0.5 },
        { bytes: 300, weight: 0.5 },
      ],
    },
  ],
])('records sent %s are read back as they were numbered', async (_, changes) => {
  await using broker = await startLyingBroker({
    topics: { orders: PARTITIONS },
    checksSequences: true,
    nodes: 2,
  });
  const load = produceLoad({
    client: 'native',
    rate: { kind: 'constant', perSecond: 20_000 },
    config: { 'enable.idempotence': 'true' },
    ...changes,
  });
  const clock = createClock(monotonicNs());
  const around = Object.assign(new FakeSurroundings(), { clock });
  const plan = {
    ...workerPlan(load, PARTITIONS),
    ...{ runId: RUN_ID, bootstrap: broker.addresses, firstStream: 0 },
    places: Array.from({ length: PARTITIONS }, (__, partition) => ({ topic: 'orders', partition })),
  };
  const body = new ProducerBody(plan, load, native, around);
  await body.start();
  const warmupUs = clock.nowUs();
  body.begin({ warmupUs, measureUs: warmupUs, endUs: warmupUs + 200_000 });
  const over = (): boolean => {
    body.tick();
    const { offered, pending } = body.totals();
    return clock.nowUs() > warmupUs + 200_000 && offered > 0 && pending === 0;
  };
  await waitFor('every answer', over, { timeoutMs: 30_000, everyMs: 2 });
  await body.stop(1000);

  const intents = around.entries.filter(({ kind }) => kind === 'intent');
  const outcomes = around.entries.filter((entry) => entry.kind === 'outcome');
  expect(outcomes.every(({ outcome }) => outcome === 'acknowledged')).toBe(true);
  const topics = { orders: { partitions: PARTITIONS } };
  const table = createStreamTable(RUN_ID, topics, [{ ...load, topic: 'orders' }]);
  const { entries, audits } = await audit(broker, table);
  expect(audits.every(({ position, to }) => position === to)).toBe(true);
  const read = entries.filter(({ kind }) => kind === 'read');
  expect(entries.length).toBe(read.length);
  expect(endsOf(read)).toEqual(endsOf(intents as Extract<LedgerEntry, { kind: 'intent' }>[]));
  expect(sum(read)).toBe(body.totals().offered);
});

type Slice = { readonly stream: number; readonly first: number; readonly count: number };

/** By stream: one past its last sequence. */
function endsOf(slices: readonly Slice[]): Record<number, number> {
  const ends: Record<number, number> = {};
  for (const { stream, first, count } of slices) {
    ends[stream] = Math.max(ends[stream] ?? 0, first + count);
  }
  return ends;
}

const sum = (slices: readonly Slice[]): number =>
  slices.reduce((total, { count }) => total + count, 0);

/** Transactions of a producer worker in process: what goes together, how it ends, and what the ledger says of it. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { EndResult, SendOutcome, SendResult } from '../../src/clients/client.ts';
import type { LedgerEntry } from '../../src/evidence/ledger.ts';
import { ProducerBody } from '../../src/load/producer-body.ts';
import type { WorkerPlan } from '../../src/load/protocol.ts';
import type { ProduceLoad } from '../../src/scenario/scenario.ts';
import {
  acknowledged,
  type Ended,
  FakeClient,
  FakeSurroundings,
  produceLoad,
  workerPlan,
} from './fake-client.ts';

const SCHEDULE = { warmupUs: 0, measureUs: 0, endUs: 1_000_000 };

async function begun(
  changes: Partial<ProduceLoad> = {},
  partitions = 2,
  seed = 1,
  former: Partial<WorkerPlan> = {},
) {
  const load = produceLoad({
    rate: { kind: 'constant', perSecond: 100 },
    transaction: { records: 10, abort: 0 },
    ...changes,
  });
  const client = new FakeClient();
  const around = new FakeSurroundings();
  const plan = { ...workerPlan(load, partitions), seed, ...former };
  const body = new ProducerBody(plan, load, client, around);
  body.begin(SCHEDULE);
  const at = async (us: number): Promise<void> => {
    around.clock.us = us;
    body.tick();
    await turn();
  };
  const run = { client, around, body, plan, at };
  return { ...run, entries: around.entries };
}

type Run = Awaited<ReturnType<typeof begun>>;

const failed = (outcome: SendOutcome): SendResult => ({
  ...{ outcome, errorCode: 7, error: 'no', baseOffset: -1, attempts: 1, writtenUs: 0 },
});
const ended = (outcome: SendOutcome): EndResult => ({ outcome, errorCode: 0, error: null });

/** Acknowledges what is on its way, until nothing more comes by itself. */
async function acknowledgeAll({ client }: Run): Promise<number> {
  let records = 0;
  for (let next = client.sent.shift(); next; next = client.sent.shift()) {
    records += next.slice.count;
    next.done(acknowledged(0, 0));
    await turn();
  }
  return records;
}

async function endNext({ client }: Run, outcome: SendOutcome): Promise<Ended['kind'] | undefined> {
  const end = client.ends.shift();
  end?.resolve(ended(outcome));
  await turn();
  return end?.kind;
}

/** One word an entry: what, of which transaction, and which sequences. */
const brief = (entries: readonly LedgerEntry[]): string[] =>
  entries.map((entry) => {
    const of = 'transaction' in entry ? ` #${entry.transaction}` : '';
    const records = 'first' in entry ? ` ${entry.first}+${entry.count}` : '';
    return `${entry.kind}${of}${records}`;
  });

test('so many records in the order of their offer go together, over all partitions', async () => {
  const run = await begun();
  await run.at(500_000);
  expect(await acknowledgeAll(run)).toBe(10);
  const slices = run.entries.filter(({ kind }) => kind === 'intent');
  expect(slices).toMatchObject([
    { stream: run.plan.firstStream, transaction: 0, first: 0, count: 5 },
    { stream: run.plan.firstStream + 1, transaction: 0, first: 0, count: 5 },
  ]);
  expect(await endNext(run, 'acknowledged')).toBe('commit');
  expect(await acknowledgeAll(run)).toBe(10);
  expect(run.client.transactional[0]?.transactionalId).toBe('checkout-0');
});

test('the end is on record before it is asked for, and its outcome after', async () => {
  const run = await begun({}, 1);
  await run.at(95_000);
  await acknowledgeAll(run);
  const stream = run.plan.firstStream;
  expect(brief(run.entries)).toEqual([
    ...['intent #0 0+10', 'outcome #0 0+10', 'commit-intent #0'],
  ]);
  expect(run.entries[2]).toMatchObject({ stream, timeUs: 95_000 });
  run.around.clock.us = 99_000;
  await endNext(run, 'acknowledged');
  expect(run.entries[3]).toEqual({
    ...{ kind: 'transaction-outcome', stream, transaction: 0 },
    ...{ outcome: 'acknowledged', errorCode: 0, timeUs: 99_000 },
  });
});

test('no record is sent while a transaction ends, and none is held back from the pacer', async () => {
  const run = await begun({}, 1);
  await run.at(95_000);
  await acknowledgeAll(run);
  await run.at(900_000);
  expect(run.client.sent).toHaveLength(0);
  expect(run.body.totals()).toMatchObject({ offered: 91, pending: 91 });
});

test('the seed says which are aborted, about as many as were asked for', async () => {
  const rate = { kind: 'constant', perSecond: 1000 } as const;
  const kinds = async (seed: number): Promise<string> => {
    const run = await begun({ rate, transaction: { records: 1, abort: 0.3 } }, 1, seed);
    await run.at(299_000);
    let told = '';
    for (let i = 0; i < 300; i++) {
      await acknowledgeAll(run);
      told += (await endNext(run, 'acknowledged')) === 'abort' ? 'a' : '.';
    }
    return told;
  };
  const once = await kinds(1);
  expect(await kinds(1)).toBe(once);
  expect(await kinds(2)).not.toBe(once);
  expect(once.replaceAll('.', '').length).toBeGreaterThan(60);
  expect(once.replaceAll('.', '').length).toBeLessThan(120);
});

describe('a record that was not acknowledged', () => {
  test.each(['failed', 'unknown'] as const)(
    'and %s has its transaction aborted',
    async (outcome) => {
      const run = await begun({}, 2);
      await run.at(95_000);
      run.client.sent.shift()?.done(failed(outcome));
      await turn();
      expect(run.client.ends).toHaveLength(0);
      await acknowledgeAll(run);
      expect(await endNext(run, 'failed')).toBe('abort');
      expect(brief(run.entries)).toContain('abort-intent #0');
    },
  );

  test('what was not sent by then goes into the next', async () => {
    const run = await begun({ config: { 'linger.ms': '0', 'batch.size': '250' } }, 1);
    await run.at(95_000);
    run.client.sent.shift()?.done(failed('unknown'));
    await turn();
    expect(await endNext(run, 'failed')).toBe('abort');
    expect(await acknowledgeAll(run)).toBe(8);
    expect(await endNext(run, 'acknowledged')).toBe('commit');
    expect(brief(run.entries).filter((line) => line.includes('-intent'))).toEqual([
      'abort-intent #0',
      'commit-intent #1',
    ]);
  });
});

test('a commit of unknown outcome says so, and the next transaction begins', async () => {
  const run = await begun({}, 1);
  await run.at(195_000);
  await acknowledgeAll(run);
  await endNext(run, 'unknown');
  expect(run.entries.at(-2)).toMatchObject({ kind: 'transaction-outcome', outcome: 'unknown' });
  expect(run.entries.at(-1)).toMatchObject({ kind: 'intent', transaction: 1 });
});

test('the last transaction is ended with what it has, and waited for', async () => {
  const run = await begun({ rate: { kind: 'constant', perSecond: 5 } }, 1);
  await run.at(900_000);
  expect(await acknowledgeAll(run)).toBe(5);
  expect(run.client.ends).toHaveLength(0);
  await run.at(1_000_000);
  expect(run.body.totals().pending).toBe(5);
  expect(await endNext(run, 'acknowledged')).toBe('commit');
  expect(run.body.totals().pending).toBe(0);
});

test('stopping aborts what has no answers yet', async () => {
  const run = await begun({}, 1);
  await run.at(95_000);
  const stopping = run.body.stop(0);
  await turn();
  expect(await endNext(run, 'failed')).toBe('abort');
  await stopping;
  expect(brief(run.entries)).toEqual([
    ...['intent #0 0+10', 'abort-intent #0', 'transaction-outcome #0'],
  ]);
});

test('an end that cannot be put on record is not asked for', async () => {
  const run = await begun({}, 1);
  await run.at(95_000);
  run.around.broken = true;
  await acknowledgeAll(run);
  expect(run.client.ends).toHaveLength(0);
});

test('a successor numbers its transactions on', async () => {
  const { firstStream } = workerPlan(produceLoad(), 2);
  const run = await begun({}, 2, 1, {
    incarnation: 1,
    begun: [
      { stream: firstStream, next: 30, nextTransaction: 6 },
      { stream: firstStream + 1, next: 35, nextTransaction: 7 },
    ],
  });
  await run.at(900_000);
  expect(run.entries.find(({ kind }) => kind === 'intent')).toMatchObject({
    first: 30,
    transaction: 7,
  });
});

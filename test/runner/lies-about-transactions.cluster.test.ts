/** The whole pipeline against a broker that lies about transactions: every lie is named, and an honest one passes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnomalyKind, Result } from '../../src/verify/result.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';
import { type LyingBrokerOptions, startLyingBroker } from '../lying-broker/lying-broker.ts';
import type { EndLie } from '../lying-broker/transactions.ts';

const folder = scratch();
let runs = 0;

async function trial(
  lies: Pick<LyingBrokerOptions, 'ends' | 'showsOpen'>,
  set: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly result: Result }> {
  await using broker = await startLyingBroker({ topics: { orders: 2 }, ...lies });
  const out = join(folder, `run-${++runs}`);
  const args = ['--bootstrap', broker.brokers.join(','), '--out', out];
  const flags = set.flatMap((one) => ['--set', one]);
  const file = 'test/scenarios/lied-to-transactions.yaml';
  const { code, stderr } = await ordeal(['run', file, ...args, ...flags]);
  expect(code, stderr).toBeOneOf([0, 1, 3]);
  return { code, result: resultOf(out) };
}

const third = (lie: Omit<EndLie, 'end' | 'code'>) => ({ ends: [{ end: 3, code: 0, ...lie }] });

/** One transaction is open for all of the traffic. */
const LONG = ['load.bank.transaction.records=400', 'load.bank.config.transaction.timeout.ms=20000'];

test('an honest broker passes, also when it aborts as it is asked to', async () => {
  const { code, result } = await trial({}, ['load.bank.transaction.abort=50%']);
  // A busy machine may make the harness late, which is `unknown`.
  expect(result.reasons.filter(({ code: why }) => why !== 'generator-bound')).toEqual([]);
  expect(code).toBe(result.reasons.length === 0 ? 0 : 3);
  expect(result.delivery.anomalies).toEqual([]);
  expect(result.delivery.transactions['bank']?.aborted).toBeGreaterThan(0);
  expect(result.delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
});

test.each<[AnomalyKind, number | null, Parameters<typeof trial>]>([
  ['lost-transaction', 1, [third({ applied: true, reversed: 'all' })]],
  ['torn-transaction', 1, [third({ applied: true, reversed: 'one' })]],
  [
    'aborted-read',
    20,
    [third({ applied: true, reversed: 'all' }), ['load.bank.transaction.abort=100%']],
  ],
  ['early-read', null, [{ showsOpen: true }, LONG]],
])('%s is named and fails the run', async (kind, count, lies) => {
  const { code, result } = await trial(...lies);
  expect(result.delivery.anomalies.map((anomaly) => anomaly.kind)).toEqual([kind]);
  expect(result.delivery.anomalies[0]?.count).toEqual(count ?? expect.any(Number));
  expect(result.verdict).toBe('fail');
  expect(code).toBe(1);
});

test('ends that are acknowledged and never written leave transactions hanging', async () => {
  const ends = Array.from({ length: 500 }, (_, i) => ({ end: i + 5, applied: false, code: 0 }));
  const { code, result } = await trial({ ends });
  expect(result.delivery.anomalies.map(({ kind }) => kind)).toEqual(['hanging-transaction']);
  expect(result.verdict).toBe('fail');
  expect(code).toBe(1);
});

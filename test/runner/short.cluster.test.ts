/** Short copies of each family of scenarios, on real brokers: delivery, and the direction of every effect. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/verify/result.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

async function run(name: string): Promise<Result> {
  const out = join(folder, name);
  const { stderr } = await ordeal(['run', `test/scenarios/${name}.yaml`, '--out', out]);
  const result = resultOf(out);
  // A noisy machine may make the harness late, which is `unknown`; it must never be called a failure of Kafka.
  const slow = ['generator-bound', 'expectation-unknown'];
  expect(
    result.reasons.filter(({ code }) => !slow.includes(code)),
    stderr,
  ).toEqual([]);
  expect(result.delivery).toMatchObject({ lost: 0, reordered: 0 });
  expect(result.delivery.acknowledged).toBeGreaterThan(0);
  for (const { effect } of result.faults) expect(effect).toMatchObject({ proven: true });
  return result;
}

test('a healthy cluster', async () => {
  const { delivery, load } = await run('steady');
  expect(delivery).toMatchObject({ duplicated: 0, failed: 0, unknown: 0 });
  for (const group of Object.values(delivery.groups)) {
    expect(group).toMatchObject({ skipped: 0, lagAtEnd: 0 });
  }
  expect(load['checkout']?.ackMs?.p50).toBeGreaterThan(0);
});

test('a slow network between clients and brokers shows in the latency', async () => {
  const { load, faults } = await run('client-latency');
  expect(faults[0]?.kind).toBe('latency');
  expect(load['checkout']?.ackMs?.max).toBeGreaterThan(80);
});

test('clients that die, freeze, slow down and leave: others go on, and nothing is passed over', async () => {
  const { delivery, faults } = await run('worker-faults');
  expect(faults.map(({ target }) => target)).toContain('worker 0 of load billing');
  expect(delivery.duplicated).toBe(0);
  const billing = delivery.groups['billing'];
  expect(billing).toMatchObject({ skipped: 0, lagAtEnd: 0 });
  // Every rebalance hands over again what was not committed yet.
  expect(billing?.redelivered).toBeGreaterThan(0);
});

test('cut replication shrinks the ISR, and healing restores it', async () => {
  const { faults } = await run('replication-partition');
  expect(faults[0]?.kind).toBe('partition');
});

test('partitions move, settings change and records are deleted under load', async () => {
  const { delivery, faults } = await run('admin');
  expect(delivery.anomalies.filter(({ judgement }) => judgement === 'violation')).toEqual([]);
  expect(faults.map(({ kind }) => kind)).toContain('add-partitions');
});

test('a relay whose process dies works every record off once', async () => {
  const { delivery } = await run('relay');
  const bank = delivery.relays['bank'];
  expect(bank).toMatchObject({ lost: 0, duplicated: 0, imbalance: 0 });
  // Aborted transfers are no inputs.
  expect(bank?.inputs).toBeLessThan(delivery.read ?? 0);
  expect(bank?.outputs).toBe(2 * (bank?.inputs ?? 0));
});

/** Short copies of each family of scenarios, on real brokers: delivery, and the direction of every effect. */
import { expect, test } from 'vitest';
import { runShort } from './short-copy.ts';

test('a healthy cluster', async () => {
  const { delivery, load } = await runShort('steady');
  expect(delivery).toMatchObject({ duplicated: 0, failed: 0, unknown: 0 });
  for (const group of Object.values(delivery.groups)) {
    expect(group).toMatchObject({ skipped: 0, lagAtEnd: 0 });
  }
  expect(load['checkout']?.ackMs?.p50).toBeGreaterThan(0);
});

test('a slow network between clients and brokers shows in the latency', async () => {
  const { load, faults } = await runShort('client-latency');
  expect(faults[0]?.kind).toBe('latency');
  expect(load['checkout']?.ackMs?.max).toBeGreaterThan(80);
});

test('cut replication shrinks the ISR, and healing restores it', async () => {
  const { faults } = await runShort('replication-partition');
  expect(faults[0]?.kind).toBe('partition');
});

test('partitions move, settings change and records are deleted under load', async () => {
  const { delivery, faults } = await runShort('admin');
  expect(delivery.anomalies.filter(({ judgement }) => judgement === 'violation')).toEqual([]);
  expect(faults.map(({ kind }) => kind)).toContain('add-partitions');
});

/** Short copies of the scenarios in which clients die, on real brokers: others go on, and nothing is passed over. */
import { expect, test } from 'vitest';
import { runShort } from './short-copy.ts';

test('clients that die, freeze, slow down and leave: others go on, and nothing is passed over', async () => {
  const { delivery, faults } = await runShort('worker-faults');
  expect(faults.map(({ target }) => target)).toContain('worker 0 of load billing');
  expect(delivery.duplicated).toBe(0);
  const billing = delivery.groups['billing'];
  expect(billing).toMatchObject({ skipped: 0, lagAtEnd: 0 });
  // Every rebalance hands over again what was not committed yet.
  expect(billing?.redelivered).toBeGreaterThan(0);
});

test('a relay whose process dies works every record off once', async () => {
  const { delivery } = await runShort('relay');
  const bank = delivery.relays['bank'];
  expect(bank).toMatchObject({ lost: 0, duplicated: 0, imbalance: 0 });
  // Aborted transfers are no inputs.
  expect(bank?.inputs).toBeLessThan(delivery.read ?? 0);
  expect(bank?.outputs).toBe(2 * (bank?.inputs ?? 0));
});

/**
 * A shipped scenario, whole, as a user runs it first (acks-one-loses.cluster.test.ts runs another). What it delivers
 * and the direction of every effect is asserted; whether this machine meets its time limits is not, as its neighbours
 * decide that.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '../../src/verify/result.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();
const TIME_LIMIT = /^(p\d+\(|max\(|unavailable |recovery ).* < /;

async function runWhole(name: string): Promise<Result> {
  const out = join(folder, name.replace('/', '-'));
  const { code, stderr } = await ordeal(['run', `scenarios/${name}.yaml`, '--out', out]);
  const result = resultOf(out);
  expect(code, stderr).toBe(result.exitCode);
  for (const { effect } of result.faults)
    expect(effect, effect.evidence).toMatchObject({ proven: true });
  return result;
}

test('network/client-latency', { timeout: 300_000 }, async () => {
  const { delivery, expectations, reasons } = await runWhole('network/client-latency');
  expect(delivery).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, failed: 0, unknown: 0 });
  expect(delivery.anomalies).toEqual([]);
  const untimed = expectations.filter(({ expression }) => !TIME_LIMIT.test(expression));
  expect(untimed.map(({ expression }) => expression)).toContain(
    'p50(ack) during slow-network > 80ms',
  );
  // A harness that was late makes a performance expectation unknown, never failed.
  for (const { expression, verdict } of untimed) expect(verdict, expression).not.toBe('fail');
  const noise = ['expectation-failed', 'expectation-unknown', 'generator-bound'];
  expect(reasons.filter(({ code }) => !noise.includes(code))).toEqual([]);
});

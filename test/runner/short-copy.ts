/** Runs a short copy of a scenario family, from test/scenarios, on real brokers. */
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Result } from '../../src/verify/result.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

export async function runShort(name: string): Promise<Result> {
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
  for (const { effect } of result.faults)
    expect(effect, effect.evidence).toMatchObject({ proven: true });
  return result;
}

/** Two shipped scenarios, whole, as a user runs them first. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

test.each([
  ['control/acks-one-loses', [0]],
  ['network/client-latency', [0, 3]],
])('%s', { timeout: 300_000 }, async (name, codes) => {
  const out = join(folder, name.replace('/', '-'));
  const { code, stderr } = await ordeal(['run', `scenarios/${name}.yaml`, '--out', out]);
  expect(code, stderr).toBeOneOf(codes);
  expect(resultOf(out).faults.every(({ effect }) => effect.proven)).toBe(true);
});

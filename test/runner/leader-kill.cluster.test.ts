/** Three brokers, the leader killed, then a slow network: everything acknowledged survives, and the page says so. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

test('a killed leader and a slow network lose nothing', async () => {
  const out = join(folder, 'run');
  const { code, stderr } = await ordeal(['run', 'test/scenarios/leader-kill.yaml', '--out', out]);
  // On a noisy machine the harness may be late, which is `unknown`.
  expect(code, stderr).toBeOneOf([0, 3]);
  const result = resultOf(out);
  expect(result.delivery).toMatchObject({ lost: 0, reordered: 0 });
  expect(result.delivery.acknowledged).toBeGreaterThan(0);
  const [kill, slow] = result.faults;
  expect(kill?.effect.proven).toBe(true);
  expect(kill?.unavailableMs).toBeGreaterThan(1000);
  expect(slow?.effect.proven).toBe(true);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html).toContain('leader-dies');
  expect(statSync(join(out, 'report.html')).size).toBeLessThan(1_500_000);
});

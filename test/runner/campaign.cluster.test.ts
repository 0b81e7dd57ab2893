/** A campaign on real brokers, twice: drawn from the seed, within its budget, and summed up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Campaign } from '../../src/verify/campaign.ts';
import { eventsOf, ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();

test('two runs of a campaign lose nothing, and say together what was tried', async () => {
  const out = join(folder, 'campaign');
  const flags = ['--seed', '4', '--repeat', '2', '--out', out];
  const { stderr } = await ordeal(['run', 'test/scenarios/campaign.yaml', ...flags]);
  const campaign = JSON.parse(readFileSync(join(out, 'campaign.json'), 'utf8')) as Campaign;
  expect(campaign.verdicts.fail, stderr).toBe(0);
  expect(campaign.records, stderr).toEqual({ lost: 0, duplicated: 0, reordered: 0 });
  expect(campaign.runs.map(({ seed }) => seed)).toEqual([4, 5]);
  expect(campaign.coverage.faults.length).toBeGreaterThan(0);
  expect(stderr).toContain('2 runs: ');
  const [first, second] = [1, 2].map((run) => join(out, `run-${run}`)) as [string, string];
  const drawn = (run: string) => resultOf(run).faults.map(({ kind, where }) => `${kind} ${where}`);
  expect(drawn(first)).not.toEqual(drawn(second));
  // On a busy machine a fault may be left out, but two are never in force at once.
  for (const run of [first, second]) expect(mostInForce(run), stderr).toBeLessThanOrEqual(1);
});

/** How many faults were in force at once. */
function mostInForce(run: string): number {
  let most = 0;
  let now = 0;
  for (const { type } of eventsOf(run)) {
    if (type === 'fault-injected') most = Math.max(most, ++now);
    if (type === 'fault-healed') now--;
  }
  return most;
}

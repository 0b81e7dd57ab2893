/** A search on a real cluster: it is interrupted, goes on, finds what is known, and leaves nothing running. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CapacityFindings } from '../../../src/experiment/capacity/findings.ts';
import { waitFor } from '../../../src/lib/deadline.ts';
import { eventsOf, ordeal, resultOf, scratch, start } from '../../cli/ordeal.ts';

const out = join(scratch(), 'search');
const ARGS = [
  ...['capacity', 'test/scenarios/capacity.yaml', '--out', out],
  ...['--precision', '60%', '--warmup', '1s'],
];

const stepsSoFar = (): number => {
  const path = join(out, 'steps.ndjson');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 2 : 0;
};

test('a search finds its border, also when it was interrupted', { timeout: 300_000 }, async () => {
  const { child, ended } = start(ARGS);
  await waitFor('two steps', () => stepsSoFar() >= 2, { timeoutMs: 120_000, everyMs: 50 });
  child.kill('SIGINT');
  const cut = await ended;
  expect(cut.code, cut.stderr).toBe(3);
  expect(cut.stderr).toContain(`--out ${out}`);
  expect(existsSync(join(out, 'experiment.json'))).toBe(false);

  const whole = await ordeal(ARGS);
  expect(whole.code, whole.stderr).toBe(0);
  const found = JSON.parse(readFileSync(join(out, 'experiment.json'), 'utf8')) as CapacityFindings;
  expect(found).toMatchObject({ kind: 'capacity', verdict: 'pass', exitCode: 0 });
  const { answer, steps } = found;
  if (answer.kind !== 'bracketed') throw new Error(answer.kind);
  expect(answer.bracket.low).toBeLessThan(900);
  expect(answer.bracket.high).toBeGreaterThan(900);
  // What other tests on this machine disturbed says nothing of the cluster, and was tried again.
  const telling = steps.filter(({ outcome }) => outcome !== 'disturbed');
  for (const { rate, outcome, why } of telling) {
    expect(outcome, `${rate}: ${why}`).toBe(rate < 900 ? 'holds' : 'breaks');
  }
  for (const { rate } of steps) expect(telling.map((step) => step.rate)).toContain(rate);

  // The second step found the cluster of the first; each is an ordinary run.
  const { environment } = resultOf(join(out, 'step-02'));
  expect(environment).toMatchObject({ cluster: { kept: { name: 'capacity', usedBefore: 1 } } });
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  for (const { folder } of steps) expect(page).toContain(`href="${folder}/report.html"`);
  for (const { folder } of steps) {
    for (const event of eventsOf(join(out, folder))) {
      if ('pid' in event) expect(existsSync(`/proc/${event.pid}`)).toBe(false);
    }
  }

  const other = await ordeal([...ARGS, '--seed', '2']);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('another scenario, or with other flags');
});

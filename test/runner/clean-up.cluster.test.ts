/** Nothing outlives a run, however it ends: interrupted once, twice, or killed outright. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../src/lib/deadline.ts';
import { eventIn, eventsOf, resultOf, scratch, start } from '../cli/ordeal.ts';

const folder = scratch();
const SCENARIO = 'test/scenarios/leader-kill.yaml';

/** Every process and data folder the run told of. */
function tracesOf(out: string): string[] {
  return eventsOf(out).flatMap((event) => {
    if (event.type === 'broker-started') return [`/proc/${event.pid}`, dirname(event.dataDir)];
    return event.type === 'worker-started' ? [`/proc/${event.pid}`] : [];
  });
}

const gone = (out: string): Promise<true> =>
  waitFor('every process and folder gone', () => !tracesOf(out).some(existsSync), {
    timeoutMs: 10_000,
    everyMs: 100,
  });

const inForce = (out: string) =>
  eventIn(out, 'a fault in force', (event) => event.type === 'fault-injected');

describe('in the middle of a fault', () => {
  test('SIGKILL of the harness leaves nothing after ten seconds', async () => {
    const out = join(folder, 'killed');
    const { child, ended } = start(['run', SCENARIO, '--out', out]);
    await inForce(out);
    child.kill('SIGKILL');
    await ended;
    await gone(out);
    expect(existsSync(join(out, 'result.json'))).toBe(false);
  });

  test('Ctrl-C heals, records, judges and exits 3', async () => {
    const out = join(folder, 'interrupted');
    const { child, ended } = start(['run', SCENARIO, '--out', out]);
    await inForce(out);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(3);
    expect(eventsOf(out).map(({ type }) => type)).toContain('fault-healed');
    const result = resultOf(out);
    expect(result.verdict).toBe('unknown');
    expect(result.reasons.map(({ code: reason }) => reason)).toContain('interrupted');
    expect(result.delivery.lost).toBe(0);
    await gone(out);
  });

  test('a second Ctrl-C exits 130 at once and the reaper cleans up', async () => {
    const out = join(folder, 'twice');
    const { child, ended } = start(['run', SCENARIO, '--out', out]);
    await inForce(out);
    child.kill('SIGINT');
    await eventIn(out, 'healing', (event) => event.type === 'fault-healing');
    child.kill('SIGINT');
    const { code } = await ended;
    expect(code).toBe(130);
    await gone(out);
  });
});

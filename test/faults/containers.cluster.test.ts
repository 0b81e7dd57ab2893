/** Every container fault for real, many in one run; and a loss that no setting prevents, counted to the record. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/verify/result.ts';
import { eventsOf, ordeal, resultOf, scratch } from '../cli/ordeal.ts';
import { dockerSkipped } from '../docker/engine.ts';

const folder = scratch();

async function run(name: string): Promise<{ result: Result; out: string; stderr: string }> {
  const out = join(folder, name);
  const env = { DOCKER_HOST: process.env['DOCKER_HOST'] };
  const { stderr } = await ordeal(['run', `test/scenarios/${name}.yaml`, '--out', out], { env });
  return { result: resultOf(out), out, stderr };
}

describe('container faults', () => {
  if (dockerSkipped(test)) return;

  test.each(['container-faults', 'disk-faults'])(
    '%s: all have their effect, heal, and lose nothing',
    { timeout: 300_000 },
    async (name) => {
      const { result, out, stderr } = await run(name);
      const failed = eventsOf(out).filter(({ type }) => type === 'fault-failed');
      expect(failed, stderr).toEqual([]);
      const unproven = result.faults.filter(({ effect }) => !effect.proven);
      expect(unproven, stderr).toEqual([]);
      expect(result.faults.filter(({ healedAtMs }) => healedAtMs === null)).toEqual([]);
      expect(result.delivery.lost).toBe(0);
      // What a fault did to a broker is no accident of the run.
      expect(result.reasons.map(({ code }) => code)).not.toContain('broker-died');
    },
  );

  test('a power loss of all replicas loses what it says', { timeout: 300_000 }, async () => {
    const { result, stderr } = await run('power-loss-all');
    const [dark] = result.faults;
    expect(dark?.effect, stderr).toMatchObject({ proven: true });
    const cut = Number(/broker 1 lost (\d+) records/.exec(dark?.effect.evidence ?? '')?.[1]);
    expect(cut).toBeGreaterThanOrEqual(200);
    // What was on its way when the power went was lost without having been acknowledged.
    expect(result.delivery.lost).toBeGreaterThan(cut * 0.8);
    expect(result.delivery.lost).toBeLessThanOrEqual(cut);
    expect(result.reasons.map(({ code }) => code)).not.toContain('must-find-worse');
  });
});

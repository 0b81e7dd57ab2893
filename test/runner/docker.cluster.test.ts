/**
 * Whole runs in containers: the same scenarios as on local brokers, runs beside each other, and nothing left behind
 * however a run ends. ORDEAL_TEST_INTERRUPTIONS says how many runs are interrupted at random moments.
 */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HARNESS_LABEL, RUN_LABEL } from '../../src/host/engine-labels.ts';
import { findLabelled } from '../../src/host/engine-sweep.ts';
import { pause, waitFor } from '../../src/lib/deadline.ts';
import { createRandom } from '../../src/lib/random.ts';
import { eventsOf, resultOf, type Started, scratch, start } from '../cli/ordeal.ts';
import { dockerSkipped, runningEngine } from '../docker/engine.ts';

const INTERRUPTIONS = Number(process.env['ORDEAL_TEST_INTERRUPTIONS'] ?? 3);
const SIGNALS = ['SIGKILL', 'SIGINT', 'SIGTERM'] as const;

const folder = scratch();

function run(name: string, out: string): Started {
  const file = `test/scenarios/${name}.yaml`;
  const env = { DOCKER_HOST: process.env['DOCKER_HOST'] };
  return start(['run', file, '--provider', 'docker', '--out', join(folder, out)], { env });
}

/** What a run's process has on the engine. */
async function belongingsOf({ pid }: ChildProcess): Promise<readonly string[]> {
  const found = await findLabelled(runningEngine().engine, RUN_LABEL);
  return found
    .filter(({ labels }) => labels[HARNESS_LABEL]?.split(' ')[1] === String(pid))
    .map(({ kind, name }) => `${kind} ${name}`);
}

const nothingLeft = (child: ChildProcess): Promise<true> =>
  waitFor('nothing of the run', async () => (await belongingsOf(child)).length === 0, {
    timeoutMs: 10_000,
    everyMs: 200,
  });

describe('in containers', () => {
  if (dockerSkipped(test)) return;

  // Kills are in the contract of providers, and in the container faults.
  test('cut replication shrinks the ISR, and healing restores it', async () => {
    const name = 'replication-partition';
    const { child, ended } = run(name, name);
    const { stderr } = await ended;
    const result = resultOf(join(folder, name));
    const slow = ['generator-bound', 'expectation-unknown'];
    expect(
      result.reasons.filter(({ code }) => !slow.includes(code)),
      stderr,
    ).toEqual([]);
    expect(result.delivery).toMatchObject({ lost: 0, reordered: 0 });
    for (const { effect } of result.faults)
      expect(effect, effect.evidence).toMatchObject({ proven: true });
    expect(result.environment).toMatchObject({ cluster: { provider: 'docker' } });
    expect(await belongingsOf(child)).toEqual([]);
  });

  test('two runs at once do not see each other', async () => {
    const runs = ['one', 'two'].map((out) => ({ out, ...run('skeleton', out) }));
    for (const { out, child, ended } of runs) {
      const { stderr } = await ended;
      const { delivery } = resultOf(join(folder, out));
      expect(delivery, stderr).toMatchObject({ acknowledged: 1000, read: 1000, lost: 0 });
      expect(await belongingsOf(child)).toEqual([]);
    }
  });

  test(`${INTERRUPTIONS} runs interrupted at random moments leave nothing after ten seconds`, {
    timeout: 60_000 * (1 + INTERRUPTIONS),
  }, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = createRandom(seed, 'moments');
    for (let i = 0; i < INTERRUPTIONS; i++) {
      const signal = SIGNALS[i % SIGNALS.length] as NodeJS.Signals;
      const ms = 500 + random.next() * 14_000;
      const said = `seed ${seed}: ${signal} after ${Math.round(ms)} ms`;
      const { child, ended } = run('leader-kill', `interrupted-${i}`);
      await pause(ms);
      child.kill(signal);
      await ended;
      await expect(nothingLeft(child), said).resolves.toBe(true);
      const events = eventsOf(join(folder, `interrupted-${i}`));
      const pids = events.flatMap((event) => (event.type === 'worker-started' ? [event.pid] : []));
      await waitFor('its workers gone', () => !pids.some(isAlive), { timeoutMs: 10_000 });
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

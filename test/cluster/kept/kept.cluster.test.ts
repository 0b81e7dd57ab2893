/**
 * A kept cluster, from `up` to `down`: the same brokers for run after run, whole again after a run that was killed in
 * the middle of a fault, and nothing of it left at its end, however that came.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findKept, type KeptState } from '../../../src/cluster/kept/state.ts';
import { HARNESS_LABEL, RUN_LABEL } from '../../../src/host/engine-labels.ts';
import { findLabelled } from '../../../src/host/engine-sweep.ts';
import { findLeftovers } from '../../../src/host/leftovers.ts';
import { waitFor } from '../../../src/lib/deadline.ts';
import { eventIn, eventsOf, ordeal, resultOf, scratch, start } from '../../cli/ordeal.ts';
import { dockerSkipped, runningEngine } from '../../docker/engine.ts';

const folder = scratch();
const FAULTY = 'test/scenarios/kept.yaml';
const CALM = 'test/scenarios/kept-calm.yaml';
const host = { env: process.env, platform: process.platform, version: '0' };

/** Unique, since the machine's cache is everybody's. */
const nameOf = (what: string): string => `test-${what}-${process.pid}`;

const stateOf = (name: string): KeptState => findKept(host, name)?.state as KeptState;

const startsIn = (out: string) =>
  eventsOf(out).flatMap((event) => (event.type === 'broker-started' ? [event] : []));

const pidsIn = (out: string): readonly number[] => startsIn(out).map(({ pid }) => pid);

/** All that was sent, and nothing of others; how fast is not asked of a busy machine. */
function expectCalm(out: string, stderr: string): void {
  const { delivery } = resultOf(out);
  expect(delivery, stderr).toMatchObject({ acknowledged: 800, read: 800, lost: 0, unknown: 0 });
  expect(delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
}

const keptIn = (out: string): unknown =>
  (resultOf(out).environment['cluster'] as { readonly kept?: unknown }).kept;

describe('on this machine', () => {
  const name = nameOf('local');
  const out = (run: string): string => join(folder, run);
  const run = (file: string, as: string) =>
    start(['run', file, '--reuse', name, '--seed', '1', '--out', out(as)]);
  afterAll(() => ordeal(['cluster', 'down', name, '--force']));

  test('up raises it and says how to use it; the name is taken then', async () => {
    const up = ['cluster', 'up', FAULTY, '--name', name, '--provider', 'local'];
    const { code, stdout, stderr } = await ordeal(up);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`--reuse ${name}`);
    expect(stdout).toContain(`127.0.0.1:${stateOf(name).bootstrap[0]?.port}`);
    const again = await ordeal(up);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('is kept already');
  });

  test('a scenario that wants another cluster is told all that differs, and starts nothing', async () => {
    const { code, stderr } = await run('test/scenarios/steady.yaml', 'differs').ended;
    expect(code).toBe(2);
    expect(stderr).toContain('brokers: 1 is kept, 3 is wanted');
    expect(stderr).toContain('config: {} is kept, {"min.insync.replicas":"2"} is wanted');
    expect(existsSync(out('differs'))).toBe(false);
  });

  test('two runs have the same broker, each with topics of its own, and not at once', async () => {
    const first = run(CALM, 'first');
    await eventIn(out('first'), 'the first run', ({ type }) => type === 'schedule');
    const meanwhile = await run(CALM, 'meanwhile').ended;
    expect(meanwhile).toMatchObject({ code: 2 });
    expect(meanwhile.stderr).toContain(`${name} is in use by kept-calm`);
    for (const { as, ended } of [{ as: 'first', ended: first.ended }, { as: 'second' }]) {
      const { stderr } = await (ended ?? run(CALM, as).ended);
      expectCalm(out(as), stderr);
    }
    expect(keptIn(out('first'))).toEqual({ name, usedBefore: 0 });
    expect(keptIn(out('second'))).toEqual({ name, usedBefore: 1 });
    expect(pidsIn(out('second'))).toEqual(pidsIn(out('first')));
  });

  test('faults work as otherwise, and healed ones leave it to the next run', async () => {
    const { stderr } = await run(FAULTY, 'faulty').ended;
    const { delivery, faults } = resultOf(out('faulty'));
    expect(delivery, stderr).toMatchObject({ lost: 0, reordered: 0 });
    expect(
      faults.map(({ effect }) => effect.proven),
      stderr,
    ).toEqual([true, true]);
    const [before, after] = pidsIn(out('faulty'));
    expect(before).toBe(pidsIn(out('first'))[0]);
    expect(after).not.toBe(before);
    expect(stateOf(name)).toMatchObject({ phase: 'free', run: null, uses: 3 });
  });

  test('a run that is killed in the middle of a fault costs the next one only a wait', async () => {
    const killed = run(FAULTY, 'killed');
    await eventIn(out('killed'), 'a fault in force', ({ type }) => type === 'fault-injected');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const { stderr } = await run(CALM, 'after').ended;
    expectCalm(out('after'), stderr);
    expect(keptIn(out('after'))).toEqual({ name, usedBefore: 0 });
    expect(startsIn(out('after'))[0]?.dataDir).not.toBe(startsIn(out('killed'))[0]?.dataDir);
  });

  test('it is no leftover while its keeper lives', () => {
    const { pid } = stateOf(name).keeper;
    const mine = findLeftovers(host).filter(({ stateFile }) => stateFile.includes(name));
    expect(mine).toEqual([]);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
  });

  test('when its keeper is killed its brokers end, and `down` removes the rest', async () => {
    const { keeper, socket } = stateOf(name);
    const [started] = startsIn(out('after'));
    process.kill(keeper.pid, 'SIGKILL');
    const traces = [`/proc/${started?.pid}`, dirname(started?.dataDir as string)];
    await waitFor('broker and data gone', () => !traces.some(existsSync), { timeoutMs: 10_000 });
    const listed = await ordeal(['cluster', 'ls']);
    expect(listed.stdout).toMatch(new RegExp(`^${name} .*dead: its keeper is gone`, 'm'));
    expect((await run(CALM, 'dead').ended).stderr).toContain(`${name} is dead`);
    const { code, stdout } = await ordeal(['cluster', 'down', name]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(name) });
    expect(findKept(host, name)).toBeUndefined();
    expect(existsSync(dirname(socket))).toBe(false);
  });
});

describe('in containers', () => {
  if (dockerSkipped(test)) return;
  const name = nameOf('docker');
  const env = { DOCKER_HOST: process.env['DOCKER_HOST'] };
  afterAll(() => ordeal(['cluster', 'down', name, '--force'], { env }));

  /** What the keeper has on the engine. */
  async function belongings(pid: number): Promise<number> {
    const found = await findLabelled(runningEngine().engine, RUN_LABEL);
    return found.filter(({ labels }) => labels[HARNESS_LABEL]?.split(' ')[1] === String(pid))
      .length;
  }

  test('a run breaks and heals it, and `down` leaves no container, network or volume', async () => {
    const up = await ordeal(['cluster', 'up', FAULTY, '--name', name, '--provider', 'docker'], {
      env,
    });
    expect(up.code, up.stderr).toBe(0);
    const { pid } = stateOf(name).keeper;
    const out = join(folder, 'docker');
    const { stderr } = await ordeal(['run', FAULTY, '--reuse', name, '--out', out], { env });
    const { delivery, faults } = resultOf(out);
    expect(delivery, stderr).toMatchObject({ lost: 0, reordered: 0 });
    expect(
      faults.map(({ effect }) => effect.proven),
      stderr,
    ).toEqual([true, true]);
    expect(stateOf(name)).toMatchObject({ phase: 'free', uses: 1 });
    expect(await belongings(pid)).toBeGreaterThan(0);
    expect((await ordeal(['cluster', 'down', name], { env })).code).toBe(0);
    expect(await belongings(pid)).toBe(0);
    expect(findKept(host, name)).toBeUndefined();
  });
});

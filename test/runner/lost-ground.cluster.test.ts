/**
 * What a cluster stands on dies in the middle of a run: the engine, a pod, the process that carries the links. The run
 * is aborted and says so, nothing is told as Kafka's doing, and nothing is left behind.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RUN_LABEL } from '../../src/host/engine-labels.ts';
import { findLabelled } from '../../src/host/engine-sweep.ts';
import { type RunState, stateFiles } from '../../src/host/run-state.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import {
  type Ended,
  eventIn,
  eventsOf,
  resultOf,
  type Started,
  scratch,
  start,
} from '../cli/ordeal.ts';
import { hostWith } from '../cluster/scenarios.ts';
import { dockerSkipped, runningEngine } from '../docker/engine.ts';
import { EngineDoor } from '../docker/engine-door.ts';

const folder = scratch();
const patient = { timeoutMs: 60_000, everyMs: 200 };

/** A run with time enough for something to die while it measures. */
function run(name: string, out: string, args: readonly string[], host = ''): Started {
  const file = `test/scenarios/${name}.yaml`;
  const long = ['--set', 'phases.measure=60s', '--out', join(folder, out)];
  return start(['run', file, ...long, ...args], host === '' ? {} : { env: { DOCKER_HOST: host } });
}

const measuring = (out: string): Promise<unknown> =>
  eventIn(
    join(folder, out),
    'measure',
    (event) => event.type === 'phase-started' && event.phase === 'measure',
  );

/** The run's state: what would be left behind. */
function stateOf({ child }: Started): RunState | undefined {
  const path = stateFiles(hostWith()).find((file) => file.endsWith(`-${child.pid}.json`));
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as RunState);
}

/** Judged and recorded: unknown, for this reason alone, and no broker is said to have died. */
function expectAborted({ code, stderr }: Ended, out: string, words: string): void {
  expect(code, stderr).toBe(3);
  expect(stderr.match(/^error:/gm), stderr).toHaveLength(1);
  expect(stderr).not.toMatch(/^ {4}at /m);
  const { verdict, reasons } = resultOf(join(folder, out));
  expect(verdict).toBe('unknown');
  expect(reasons[0]).toMatchObject({
    code: 'environment-failed',
    message: expect.stringContaining(words),
  });
  expect(reasons.map((reason) => reason.code)).not.toContain('broker-died');
}

test('the local process that carries the links', async () => {
  const started = run('one-link', 'toxiproxy', ['--provider', 'local']);
  await measuring('toxiproxy');
  const server = stateOf(started)?.processes.find(({ name }) => name === 'toxiproxy-server');
  process.kill(server?.pid as number, 'SIGKILL');
  expectAborted(await started.ended, 'toxiproxy', 'the Toxiproxy process');
  expect(stateOf(started)).toBeUndefined();
});

describe('in containers', () => {
  if (dockerSkipped(test)) return;
  const { endpoint, engine } = runningEngine();
  const doors: EngineDoor[] = [];
  afterEach(() => {
    for (const door of doors.splice(0)) door.close();
  });

  const belongings = (label: string): Promise<readonly string[]> =>
    findLabelled(engine, label).then((found) => found.map(({ name }) => name));
  const labelOf = (started: Started): string => stateOf(started)?.engines?.[0]?.filter as string;

  test('a pod', async () => {
    const started = run('skeleton', 'pod', ['--provider', 'docker'], endpoint.url);
    await measuring('pod');
    const label = labelOf(started);
    expect(label).toMatch(`${RUN_LABEL}=`);
    const pod = (await belongings(label)).find((name) => name.includes('-pod-1'));
    await engine.getContainer(pod as string).kill();
    expectAborted(await started.ended, 'pod', 'the pod of node 1');
    expect(await belongings(label)).toEqual([]);
    expect(stateOf(started)).toBeUndefined();
  });

  test('the engine; once it is back the reaper finishes the work', {
    timeout: 240_000,
  }, async () => {
    const door = new EngineDoor(join(folder, 'engine.sock'), endpoint.url.replace('unix://', ''));
    doors.push(door);
    await door.open();
    const started = run('skeleton', 'engine', ['--provider', 'docker'], `unix://${door.path}`);
    await measuring('engine');
    const label = labelOf(started);
    door.close();
    const ended = await started.ended;
    expectAborted(ended, 'engine', 'the Docker engine does not answer');
    const events = eventsOf(join(folder, 'engine'));
    expect(events.filter(({ type }) => type === 'broker-exited')).toEqual([]);
    const warnings = events.filter((event) => event.type === 'warning');
    expect(warnings).toMatchObject([
      { code: 'left-behind', message: expect.stringContaining('ordeal clean') },
    ]);
    expect(ended.stderr).toContain('ordeal clean');
    // The state was kept, and the reaper tries for a minute.
    expect(stateOf(started)).toMatchObject({ processes: [], folders: [], engines: [{}] });
    expect((await belongings(label)).length).toBeGreaterThan(0);
    await door.open();
    await waitFor('the reaper', async () => (await belongings(label)).length === 0, patient);
    await waitFor('the state to go', () => stateOf(started) === undefined, patient);
  });
});

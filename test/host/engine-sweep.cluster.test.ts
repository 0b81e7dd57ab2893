/** Removing by label, the reaper and cleaning, on a real engine: what is ours goes, what is another's stays. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseImages, ensureImage } from '../../src/cluster/docker/images.ts';
import type { Engine } from '../../src/host/engine.ts';
import type { EngineEndpoint } from '../../src/host/engine-endpoint.ts';
import { HARNESS_LABEL, type Labels, runFilter, runLabels } from '../../src/host/engine-labels.ts';
import { findLabelled, removeLabelled } from '../../src/host/engine-sweep.ts';
import type { HostEnvironment } from '../../src/host/environment.ts';
import { cleanLeftovers } from '../../src/host/leftovers.ts';
import { cleanOrphans, findOrphans } from '../../src/host/orphans.ts';
import { stateFile, writeState } from '../../src/host/run-state.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { silent } from '../../src/lib/progress.ts';
import { hostWith, scenarioWith } from '../cluster/scenarios.ts';
import { dockerSkipped, runningEngine } from '../docker/engine.ts';

const build = resolve(process.env['ORDEAL_TEST_BUILD'] ?? 'dist');
const patient = { timeoutMs: 60_000 };
const GONE_PID = 2 ** 22 + 1;

describe('on an engine', () => {
  if (dockerSkipped(test)) return;
  const { engine, endpoint } = runningEngine();
  const make = (name: string, count: number, labels: Labels = runLabels(name)) =>
    makeThings(engine, name, count, labels);
  let folder: string;
  let host: HostEnvironment;
  let run: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
    host = {
      env: { ...process.env, XDG_CACHE_HOME: folder },
      platform: process.platform,
      version: '0',
    };
    run = `test-${process.pid}-${Date.now()}`;
  });
  afterEach(async () => {
    await removeLabelled(engine, runFilter(run));
    rmSync(folder, { recursive: true, force: true });
  });

  const left = async (name = run): Promise<readonly string[]> =>
    (await findLabelled(engine, runFilter(name))).map(({ kind }) => kind).sort();

  test('containers, running, paused or not, go with their network and volumes', async () => {
    await make(run, 6);
    const [paused] = await engine.listContainers({ filters: { label: [runFilter(run)] } });
    await engine.getContainer(paused?.Id as string).pause();
    const other = `${run}-other`;
    await make(other, 1);
    try {
      const removed = await removeLabelled(engine, runFilter(run));
      expect(removed).toHaveLength(6 + 1 + 6);
      expect(await left()).toEqual([]);
      expect(await left(other)).toEqual(['container', 'network', 'volume']);
    } finally {
      await removeLabelled(engine, runFilter(other));
    }
  });

  test('removing twice at once is one removal', async () => {
    await make(run, 3);
    await Promise.all([
      removeLabelled(engine, runFilter(run)),
      removeLabelled(engine, runFilter(run)),
    ]);
    expect(await left()).toEqual([]);
  });

  test('SIGKILL of the harness leaves nothing on the engine', async () => {
    const child = await harness({ folder, run, endpoint });
    await make(run, 2);
    child.kill('SIGKILL');
    await waitFor('the engine to be empty', async () => (await left()).length === 0, patient);
    await waitFor('the state to go', () => runs(folder).length === 0, patient);
  });

  test('an engine that is away when the harness dies is swept when it is back', async () => {
    // A road to the engine that can be closed, since the engine itself is everybody's.
    const road = await openRoad(join(folder, 'engine.sock'), endpoint);
    const child = await harness({ folder, run, endpoint: { ...endpoint, url: road.url } });
    await make(run, 1);
    child.kill('SIGKILL');
    await road.dropped(2);
    expect(await left()).toEqual(['container', 'network', 'volume']);
    road.open();
    await waitFor('the engine to be empty', async () => (await left()).length === 0, patient);
    await waitFor('the state to go', () => runs(folder).length === 0, patient);
    road.close();
  });

  test('an engine that stays away is remembered, and cleaning says so', async () => {
    const away = { ...endpoint, url: `unix://${folder}/nobody.sock` };
    const path = stateFile(host, run);
    writeState(path, {
      harness: { pid: GONE_PID, startedAt: '1' },
      processes: [],
      folders: [],
      engines: [{ endpoint: away, filter: runFilter(run) }],
    });
    await expect(cleanLeftovers(host)).rejects.toMatchObject({
      code: 'engine.away',
      message: expect.stringContaining(runFilter(run)),
    });
    expect(existsSync(path)).toBe(true);
  });

  test('cleaning finds what no state file names, but nothing of a living harness', async () => {
    const living = `${run}-living`;
    await make(living, 1);
    // One whose harness lived here and is gone.
    const [machine] = (runLabels(run)[HARNESS_LABEL] as string).split(' ');
    await make(run, 1, { ...runLabels(run), [HARNESS_LABEL]: `${machine} ${GONE_PID} 1` });
    try {
      expect(await findOrphans(engine)).toContain(run);
      expect(await findOrphans(engine)).not.toContain(living);
      const lines = await cleanOrphans(host);
      expect(lines.filter((line) => line.includes(run))).toHaveLength(3);
      expect(await left()).toEqual([]);
      expect(await left(living)).toHaveLength(3);
    } finally {
      await removeLabelled(engine, runFilter(living));
    }
  });
});

/** Containers that wait, each with a volume, on a network. */
async function makeThings(
  engine: Engine,
  name: string,
  count: number,
  labels: Labels,
): Promise<void> {
  const Image = await imageFor(engine);
  await engine.createNetwork({ Name: `ordeal-${name}`, Labels: labels });
  const making = Array.from({ length: count }, async (_, i) => {
    const called = `ordeal-${name}-${i}`;
    await engine.createVolume({ Name: called, Labels: labels });
    const container = await engine.createContainer({
      name: called,
      Image,
      Labels: labels,
      HostConfig: { NetworkMode: `ordeal-${name}`, Binds: [`${called}:/data`] },
    });
    await container.start();
  });
  await Promise.all(making);
}

/** Toxiproxy's: it waits, and every machine with the docker provider has it. */
async function imageFor(engine: Engine): Promise<string> {
  const { toxiproxy } = await chooseImages(engine, scenarioWith({}), hostWith());
  const pull = { progress: silent, signal: new AbortController().signal };
  return (await ensureImage(engine, toxiproxy, pull)).reference;
}

/** A harness that registers the run's label and waits. */
async function harness(told: {
  readonly folder: string;
  readonly run: string;
  readonly endpoint: EngineEndpoint;
}) {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { openReaper } from '${build}/host/reaper.js';
    const { folder, run, endpoint } = JSON.parse(process.argv.at(-1));
    const host = { env: { XDG_CACHE_HOME: folder, PATH: process.env.PATH }, platform: process.platform, version: '0' };
    openReaper(host, run).watchEngine(endpoint, 'ordeal.run=' + run);
    writeFileSync(folder + '/told', '');
    setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify(told)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await waitFor('the harness', () => existsSync(join(told.folder, 'told')), patient);
  return child;
}

const runs = (folder: string): readonly string[] => readdirSync(join(folder, 'ordeal', 'runs'));

/** A socket before the engine: until it opens, whoever comes is dropped and counted. */
async function openRoad(path: string, { url }: EngineEndpoint) {
  let open = false;
  let dropped = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (open) {
      const engine = connect(url.slice('unix://'.length));
      engine.on('error', () => socket.destroy());
      socket.pipe(engine).pipe(socket);
    } else {
      dropped++;
      socket.destroy();
    }
  });
  await new Promise<void>((done) => server.listen(path, done));
  return {
    url: `unix://${path}`,
    dropped: (count: number) => waitFor('visitors', () => dropped >= count, patient),
    open: () => {
      open = true;
    },
    close: () => server.close(),
  };
}

/** The reaper, on real processes: whatever dies and however, what it was told of is gone afterwards. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSameProcess, startTimeOf } from '../../src/host/identity.ts';
import { cleanLeftovers } from '../../src/host/leftovers.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { dockerSkipped, runningEngine } from '../docker/engine.ts';
import { EngineDoor } from '../docker/engine-door.ts';

const build = resolve(process.env['ORDEAL_TEST_BUILD'] ?? 'dist');
const patient = { timeoutMs: 10_000 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A harness that starts a process and a folder under the reaper, says so, and waits, or disposes. */
const HARNESS = (ending: string): string => `
  import { mkdtempSync, writeFileSync } from 'node:fs';
  import { openReaper } from '${build}/host/reaper.js';
  import { spawnGroup } from '${build}/host/process.js';
  const [folder] = process.argv.slice(-1);
  const host = { env: { XDG_CACHE_HOME: folder, PATH: process.env.PATH }, platform: process.platform, version: '0' };
  const reaper = openReaper(host, 'run');
  const group = await spawnGroup({ command: 'sleep', args: ['600'], env: host.env, logFile: folder + '/log' });
  const forget = reaper.watch(group, 'sleeper');
  const data = mkdtempSync(folder + '/ordeal-');
  reaper.watchFolder(data);
  writeFileSync(folder + '/told', JSON.stringify({ pid: group.pid, startedAt: group.startedAt, data }));
  ${ending}
`;

async function harness(ending: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HARNESS(ending), folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await waitFor('the harness', () => existsSync(join(folder, 'told')), patient);
  const told = await waitFor('its word', () => readTold(), patient);
  return { child, ...told };
}

function readTold(): { pid: number; startedAt: string; data: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'told'), 'utf8'));
  } catch {
    return undefined;
  }
}

const runs = (): readonly string[] => readdirSync(join(folder, 'ordeal', 'runs'));

test('SIGKILL of the harness leaves nothing', async () => {
  const { child, data, ...sleeper } = await harness('setInterval(() => {}, 1000);');
  expect(isSameProcess(sleeper)).toBe(true);
  child.kill('SIGKILL');
  await waitFor('the sleeper to end', () => !isSameProcess(sleeper), patient);
  await waitFor('the folder to go', () => !existsSync(data) && runs().length === 0, patient);
});

test('a harness that simply ends leaves nothing either', async () => {
  const { child, data, ...sleeper } = await harness('process.exit(0);');
  await waitFor('the harness to end', () => child.exitCode !== null, patient);
  await waitFor('the sleeper to end', () => !isSameProcess(sleeper), patient);
  await waitFor('the folder to go', () => !existsSync(data) && runs().length === 0, patient);
});

test('disposing lets live what is still registered, and the reaper ends with it', async () => {
  const { child, data, ...sleeper } = await harness('await reaper[Symbol.asyncDispose]();');
  // The harness itself ends only when nothing keeps it: the sleeper does.
  await waitFor('the state to go', () => runs().length === 0, patient);
  expect(isSameProcess(sleeper)).toBe(true);
  expect(existsSync(data)).toBe(true);
  child.kill('SIGKILL');
  process.kill(sleeper.pid, 'SIGKILL');
});

test('when even the reaper was killed, cleaning finds the rest', async () => {
  const { child, data, ...sleeper } = await harness('setInterval(() => {}, 1000);');
  const reaper = Number(
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reaper-main')),
  );
  process.kill(reaper, 'SIGKILL');
  await waitFor('the reaper to end', () => startTimeOf(reaper) === undefined, patient);
  child.kill('SIGKILL');
  await waitFor('the harness to end', () => child.signalCode !== null, patient);
  expect(isSameProcess(sleeper)).toBe(true);
  const host = { env: { XDG_CACHE_HOME: folder }, platform: process.platform, version: '0' };
  expect(await cleanLeftovers(host)).toHaveLength(2);
  expect(isSameProcess(sleeper)).toBe(false);
  expect(existsSync(data)).toBe(false);
});

describe('what an engine has, which is away when the harness ends, goes once it is back', () => {
  if (dockerSkipped(test)) return;
  const { endpoint, engine } = runningEngine();
  const LABEL = `ordeal.run=test-${process.pid}`;
  const networks = () => engine.listNetworks({ filters: { label: [LABEL] } });

  test.each([
    ['by SIGKILL', 'setInterval(() => {}, 1000);', 'SIGKILL'],
    ['in order', 'await reaper[Symbol.asyncDispose](); group.signal("SIGKILL");', null],
  ] as const)('%s', async (_, ending, signal) => {
    const door = new EngineDoor(join(folder, 'engine.sock'), endpoint.url.replace('unix://', ''));
    const [Name, value] = LABEL.split('=') as [string, string];
    await engine.createNetwork({ Name: `ordeal-${value}`, Labels: { [Name]: value } });
    const there = JSON.stringify({ ...endpoint, url: `unix://${door.path}` });
    const { child } = await harness(`reaper.watchEngine(${there}, '${LABEL}'); ${ending}`);
    if (signal !== null) child.kill(signal);
    await waitFor('its end', () => child.exitCode !== null || child.signalCode !== null, patient);
    expect(await networks()).toHaveLength(1);
    expect(runs()).toHaveLength(1);
    await door.open();
    await waitFor('it to go', async () => (await networks()).length === 0, patient);
    await waitFor('the state to go', () => runs().length === 0, patient);
    door.close();
  });
});

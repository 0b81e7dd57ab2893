/** Only what is ours and dead is cleaned: living runs, other people's processes and other folders stay. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostEnvironment } from '../../src/host/environment.ts';
import { startTimeOf } from '../../src/host/identity.ts';
import { cleanLeftovers, findLeftovers } from '../../src/host/leftovers.ts';
import { spawnGroup } from '../../src/host/process.ts';
import { type RunState, stateFile, writeState } from '../../src/host/run-state.ts';

let folder: string;
let host: HostEnvironment;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  host = { env: { XDG_CACHE_HOME: folder }, platform: process.platform, version: '0' };
});
afterEach(() => rmSync(folder, { recursive: true }));

const gone = { pid: 2 ** 22 + 1, startedAt: '1' };
const sleeping = () =>
  spawnGroup({
    command: 'sleep',
    args: ['60'],
    env: process.env,
    logFile: join(folder, 'sleep.log'),
  });
const remember = (state: Partial<RunState>): void =>
  writeState(stateFile(host, 'run'), { harness: gone, processes: [], folders: [], ...state });

test('processes and folders of a dead run are ended and removed, even paused ones', async () => {
  const group = await sleeping();
  group.signal('SIGSTOP');
  const data = join(folder, 'ordeal-data');
  mkdirSync(data);
  const { pid, startedAt } = group;
  remember({ processes: [{ pid, startedAt, name: 'broker-1' }], folders: [data] });
  expect(findLeftovers(host)).toMatchObject([
    { processes: [`broker-1 (process ${pid})`], folders: [data] },
  ]);
  expect(await cleanLeftovers(host)).toEqual([
    `ended broker-1 (process ${pid})`,
    `removed ${data}`,
  ]);
  expect(await group.exited).toMatchObject({ signal: 'SIGKILL' });
  expect(existsSync(data)).toBe(false);
  expect(findLeftovers(host)).toEqual([]);
});

test('a pid that another process has now is left alone', async () => {
  const group = await sleeping();
  try {
    remember({ processes: [{ pid: group.pid, startedAt: '1', name: 'broker-1' }] });
    expect(await cleanLeftovers(host)).toEqual([]);
    expect(startTimeOf(group.pid)).toBe(group.startedAt);
  } finally {
    group.signal('SIGKILL');
    await group.exited;
  }
});

test('a living run is no leftover', async () => {
  const harness = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
  remember({ harness });
  expect(await cleanLeftovers(host)).toEqual([]);
  expect(existsSync(stateFile(host, 'run'))).toBe(true);
});

test('a folder that is not ours stays, whatever a state file says', async () => {
  const precious = join(folder, 'precious');
  mkdirSync(precious);
  remember({ folders: [precious] });
  expect(await cleanLeftovers(host)).toEqual([]);
  expect(existsSync(precious)).toBe(true);
});

test('a damaged state file is forgotten', async () => {
  remember({});
  writeFileSync(stateFile(host, 'run'), '{');
  expect(await cleanLeftovers(host)).toEqual([]);
  expect(existsSync(stateFile(host, 'run'))).toBe(false);
});

test('a cache that cannot be written is one clear error', () => {
  writeFileSync(join(folder, 'ordeal'), '');
  expect(() => remember({})).toThrow(expect.objectContaining({ code: 'cache.unwritable' }));
});

test('a zombie holds nothing and counts as gone', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  expect(startTimeOf(child.pid as number)).toBeDefined();
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(startTimeOf(child.pid as number)).toBeUndefined();
});

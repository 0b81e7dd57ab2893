/** The folders of kept clusters: private, found by name, dead once their keeper is, and refused with the reason. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endKept } from '../../../src/cluster/kept/end.ts';
import { keptNamed } from '../../../src/cluster/kept/provider.ts';
import { checkFree } from '../../../src/cluster/kept/start-keeper.ts';
import {
  allKept,
  checkName,
  findKept,
  folderOf,
  isAlive,
  type Kept,
  type KeptState,
  writeKept,
} from '../../../src/cluster/kept/state.ts';
import type { HostEnvironment } from '../../../src/host/environment.ts';
import { startTimeOf } from '../../../src/host/identity.ts';
import { stateFile, writeState } from '../../../src/host/run-state.ts';

let cache: string;
let host: HostEnvironment;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  host = { env: { XDG_CACHE_HOME: cache }, platform: process.platform, version: '1' };
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const ME = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
const DEAD = { pid: process.pid, startedAt: 'of an earlier process with this pid' };

function write(name: string, changed: Partial<KeptState> = {}): KeptState {
  const state: KeptState = {
    ...{ name, keeper: ME, version: '1', provider: 'local', drops: false, failure: null },
    ...{ phase: 'free', run: null, uses: 0, bootstrap: [], proxied: [] },
    ...{ socket: join(cache, 'ordeal-kept', 'keeper'), since: '2026-01-01T00:00:00Z' },
    cluster: { brokers: 1 } as KeptState['cluster'],
    ...changed,
  };
  writeKept(folderOf(host, name), state);
  return state;
}

const damage = (name: string, text: string): void =>
  writeFileSync(join(folderOf(host, name), 'state.json'), text);

test('is written for its owner alone, read back, and listed by name', () => {
  expect(allKept(host)).toEqual([]);
  const living = write('default');
  const dead = write('another', { keeper: DEAD });
  const folder = folderOf(host, 'default');
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
  expect(allKept(host).map(({ state }) => state)).toEqual([dead, living]);
  expect(allKept(host).map(isAlive)).toEqual([false, true]);
});

test.each(['', '../x', 'A', 'a/b', '-a', 'a'.repeat(41)])('%j is refused as a name', (name) => {
  expect(() => checkName(name)).toThrow('no name for a kept cluster');
});

describe('a run that wants to use it', () => {
  test('gets it by its name', () => {
    expect(keptNamed(host, write('default').name)).toMatchObject({ name: 'default' });
  });

  test('is told which others there are', () => {
    write('other');
    write('gone', { keeper: DEAD });
    expect(() => keptNamed(host, 'default')).toThrow(
      'no cluster called default is kept; there is: other',
    );
    expect(() => keptNamed(host, 'scenario.yaml')).toThrow('no name for a kept cluster');
  });

  test.each([
    ['its keeper is gone', { keeper: DEAD }],
    ['no engine', { keeper: DEAD, failure: 'no engine' }],
    ['is in use by leader-kill', { phase: 'in use', run: 'leader-kill' }],
    ['was raised by ordeal 0, and this is 1', { version: '0' }],
  ] as const)('is told: %s', (words, changed) => {
    write('default', changed);
    expect(() => keptNamed(host, 'default')).toThrow(words);
  });

  test.each(['{', 'null', '{}', '{"name":"default"}'])(
    'is told that a state of %s is damaged',
    (text) => {
      write('default');
      damage('default', text);
      expect(() => keptNamed(host, 'default')).toThrow('its state is damaged');
    },
  );
});

test('a name is free unless a living cluster has it', () => {
  expect(() => checkFree(host, 'default')).not.toThrow();
  write('default', { keeper: DEAD });
  expect(() => checkFree(host, 'default')).not.toThrow();
  write('default');
  expect(() => checkFree(host, 'default')).toThrow('called default is kept already');
});

describe('its end', () => {
  const end = (force = false) => endKept(host, findKept(host, 'default') as Kept, { force });

  test('is refused while a run has it', async () => {
    write('default', { phase: 'in use', run: 'leader-kill' });
    await expect(end()).rejects.toThrow('is in use by leader-kill');
    expect(findKept(host, 'default')).toBeDefined();
  });

  test('removes what is left of a dead one, also when its state is damaged', async () => {
    const left = join(cache, 'ordeal-data');
    for (const text of [undefined, '{']) {
      const { socket } = write('default', { keeper: DEAD });
      for (const folder of [left, join(socket, '..')]) mkdirSync(folder, { recursive: true });
      const path = stateFile(host, 'kept-default-1-4711');
      const another = stateFile(host, 'kept-default-x-1-4711');
      for (const file of [path, another]) {
        writeState(file, { harness: DEAD, processes: [], folders: [left] });
      }
      if (text !== undefined) damage('default', text);
      await end();
      expect(allKept(host)).toEqual([]);
      expect([left, path].map(exists)).toEqual([false, false]);
      expect(exists(another)).toBe(true);
    }
  });
});

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The lock holds between processes and does not outlive a dead holder. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTimeOf } from '../../src/host/identity.ts';
import { withProcessLock } from '../../src/host/process-lock.ts';

let folder: string;
let path: string;
const free = { signal: new AbortController().signal };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('one at a time, and given back even after an error', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withProcessLock(path, free, work)));
  expect(most).toBe(1);
  const failing = withProcessLock(path, free, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['whose process is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
  ['whose pid is another process now', JSON.stringify({ pid: process.pid, startedAt: '1' })],
  ['that names nobody', ''],
])('a lock %s is taken over', async (_, text) => {
  writeFileSync(path, text);
  expect(await withProcessLock(path, free, async () => existsSync(path))).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('a living holder is named and waited for, until the signal', async () => {
  const holder = { pid: process.pid, startedAt: startTimeOf(process.pid) };
  writeFileSync(path, JSON.stringify(holder));
  const stopping = new AbortController();
  const waiting = withProcessLock(
    path,
    {
      signal: stopping.signal,
      onWait: (found) => {
        expect(found).toEqual(holder);
        stopping.abort(new Error('enough'));
      },
    },
    async () => 'taken',
  );
  await expect(waiting).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['lock']);
});

/** A lock between processes of one machine, as a file that names its holder: a dead holder's lock is taken over. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pause } from '../lib/deadline.ts';
import { cacheError, ensureFolder } from './cache.ts';
import { isSameProcess, type ProcessIdentity, startTimeOf } from './identity.ts';

const POLL_MS = 100;

export type LockOptions = {
  readonly signal: AbortSignal;
  /** Called once when another process holds it. */
  readonly onWait?: (holder: ProcessIdentity) => void;
};

/** Runs `work` while no other process of this machine holds the lock at `path`. */
export async function withProcessLock<T>(
  path: string,
  { signal, onWait }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await ensureFolder(dirname(path));
  let told = false;
  for (;;) {
    const holder = await tryTake(path);
    if (holder === undefined) break;
    if (!told) onWait?.(holder);
    told = true;
    await pause(POLL_MS, signal);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** Takes the lock, or names its living holder. */
async function tryTake(path: string): Promise<ProcessIdentity | undefined> {
  const mine = `${path}.${randomUUID()}`;
  const me = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
  try {
    // Written apart and linked into place, so that a lock never exists without its holder's name in it.
    await writeFile(mine, JSON.stringify(me));
    for (;;) {
      if (await linked(mine, path)) return undefined;
      const holder = await readHolder(path);
      if (holder !== undefined && isSameProcess(holder)) return holder;
      await removeDead(path, `${mine}.dead`);
    }
  } catch (error) {
    throw cacheError(path, error);
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Moves the lock aside first: if another process took it meanwhile, what was moved is alive and goes back. */
async function removeDead(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && isSameProcess(moved)) await linked(aside, path);
  await rm(aside, { force: true });
}

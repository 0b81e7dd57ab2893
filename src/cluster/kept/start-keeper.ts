/** `ordeal cluster up`: starts a keeper, and watches it until its cluster stands. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheError, ensureFolder } from '../../host/cache.ts';
import type { HostEnvironment } from '../../host/environment.ts';
import { withProcessLock } from '../../host/process-lock.ts';
import { environmentError, inputError } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import type { ClusterPlan } from '../cluster.ts';
import { revived } from './channel.ts';
import { removeRemains } from './end.ts';
import type { KeeperNews, KeepOrder } from './keep-order.ts';
import {
  checkName,
  findKept,
  folderOf,
  isAlive,
  type KeptState,
  keeperLog,
  keptFolder,
} from './state.ts';

export type KeepOptions = {
  readonly host: HostEnvironment;
  readonly progress: Progress;
  /** Aborted: the keeper undoes what it made, and that is waited for. */
  readonly signal: AbortSignal;
};

/** A sibling of this file; compiled, since Node 20 cannot run TypeScript. */
const ENTRY = fileURLToPath(new URL(`./keeper-main${extname(import.meta.url)}`, import.meta.url));

/** Resolves when the cluster stands. Throws `kept.exists`, and whatever kept it from standing. */
export async function keep(
  name: string,
  plan: ClusterPlan,
  options: KeepOptions,
): Promise<{ readonly state: KeptState; readonly folder: string; readonly readyMs: number }> {
  const { host, signal } = options;
  const folder = folderOf(host, name);
  const lock = join(await ensureFolder(keptFolder(host)), `${name}.lock`);
  const keeper = await withProcessLock(lock, { signal }, async () => {
    checkFree(host, name);
    const former = findKept(host, name);
    if (former !== undefined) await removeRemains(host, former);
    const started = startKeeper({ host, name, folder, plan }, options);
    await started.claimed;
    return started;
  });
  const readyMs = await keeper.ready;
  const state = findKept(host, name)?.state;
  if (state === undefined) throw died(folder);
  return { state, folder, readyMs };
}

/** Throws `kept.exists`; a dead one is in nobody's way. */
export function checkFree(host: HostEnvironment, name: string): void {
  checkName(name);
  const former = findKept(host, name);
  if (former === undefined || !isAlive(former)) return;
  throw inputError(
    'kept.exists',
    `a cluster called ${name} is kept already`,
    `use it: ordeal run FILE --reuse ${name}; end it: ordeal cluster down ${name}; or give --name OTHER`,
  );
}

type StartedKeeper = {
  readonly claimed: Promise<void>;
  /** Resolves to how long it took, in milliseconds. */
  readonly ready: Promise<number>;
};

function startKeeper(order: KeepOrder, { progress, signal }: KeepOptions): StartedKeeper {
  const child = spawnKeeper(order);
  const stop = (): void => {
    if (child.connected) child.disconnect();
  };
  let claim = (): void => {};
  const claimed = new Promise<void>((resolve) => {
    claim = resolve;
  });
  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', (news: KeeperNews) => {
      if (news.type === 'claimed') claim();
      else if (news.type === 'progress') progress(news.event);
      else if (news.type === 'ready') resolve(news.readyMs);
      else reject(revived(news.failure));
    });
    child.once('error', reject);
    // Its last news may still be on the way.
    const ended = (): void => reject(signal.aborted ? interrupted() : died(order.folder));
    child.once('exit', () => (child.connected ? child.once('disconnect', ended) : ended()));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  else child.send(order);
  const over = ready.finally(() => {
    signal.removeEventListener('abort', stop);
    stop();
    child.unref();
  });
  over.catch(() => {}); // Whoever waits for it is told.
  return { claimed: Promise.race([claimed, over.then(() => {})]), ready: over };
}

/** In a session of its own, so that what is meant for a terminal's programs does not reach it. */
function spawnKeeper({ folder, host }: KeepOrder): ChildProcess {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const log = openSync(keeperLog(folder), 'a');
    try {
      return spawn(process.execPath, [ENTRY], {
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...host.env },
      });
    } finally {
      closeSync(log);
    }
  } catch (error) {
    throw cacheError(folder, error);
  }
}

const died = (folder: string): Error =>
  environmentError('kept.died', 'the process that was to keep the cluster ended by itself', {
    hint: `see ${keeperLog(folder)}`,
  });

const interrupted = (): Error =>
  environmentError('kept.interrupted', 'no cluster is kept: interrupted before it stood');

/**
 * What a living run would leave behind, in one small file below the cache: its processes and temporary folders.
 * The harness writes it before and while it starts things; the reaper and `ordeal clean` undo what it says.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { waitFor } from '../lib/deadline.ts';
import { cacheError } from './cache.ts';
import { cacheFolder, type HostEnvironment } from './environment.ts';
import { isSameProcess, type ProcessIdentity } from './identity.ts';
import { signalGroup } from './process.ts';

export type RunState = {
  readonly harness: ProcessIdentity;
  /** Leaders of process groups, with a name for people. */
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
  readonly folders: readonly string[];
};

/** Every folder a run may remove carries this prefix, so that a damaged state file can remove nothing else. */
export const TEMPORARY_PREFIX = 'ordeal-';

const KILL_TIMEOUT_MS = 10_000;

const stateFolder = (host: HostEnvironment): string => join(cacheFolder(host), 'runs');

export const stateFile = (host: HostEnvironment, name: string): string =>
  join(stateFolder(host), `${name}.json`);

/** The state files of all runs, living or not. */
export function stateFiles(host: HostEnvironment): readonly string[] {
  try {
    return readdirSync(stateFolder(host))
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(stateFolder(host), name));
  } catch {
    return [];
  }
}

/** Synchronous: a process is in the file before anything else can happen. Throws `cache.unwritable`. */
export function writeState(path: string, state: RunState): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.draft`, JSON.stringify(state));
    renameSync(`${path}.draft`, path);
  } catch (error) {
    throw cacheError(path, error);
  }
}

export const removeState = (path: string): void => rmSync(path, { force: true });

/** Undefined when the file is gone or unreadable. */
export function readState(path: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunState;
  } catch {
    return undefined;
  }
}

/** Kills and removes what the state names, then forgets it. Returns a line for each thing that was still there. */
export async function undo(path: string): Promise<readonly string[]> {
  const state = readState(path);
  if (state === undefined) return [];
  const alive = state.processes.filter(isSameProcess);
  for (const { pid } of alive) signalGroup(pid, 'SIGKILL');
  await waitFor('killed processes to end', () => !alive.some(isSameProcess), {
    timeoutMs: KILL_TIMEOUT_MS,
  });
  const removed: string[] = [];
  for (const folder of state.folders) {
    if (await removeTemporary(folder)) removed.push(folder);
  }
  removeState(path);
  return [
    ...alive.map(({ name, pid }) => `ended ${name} (process ${pid})`),
    ...removed.map((folder) => `removed ${folder}`),
  ];
}

/** Removes a temporary folder of ours; false when it was not there, or is not ours. */
export async function removeTemporary(folder: string): Promise<boolean> {
  if (!basename(folder).startsWith(TEMPORARY_PREFIX)) return false;
  try {
    await rm(folder, { recursive: true, maxRetries: 5 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

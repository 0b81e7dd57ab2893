/**
 * What a living run would leave behind, in one small file below the cache: its processes, its temporary folders and
 * what it labelled on an engine. The harness writes it before and while it starts things; the reaper and `ordeal clean` undo what it says.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pause, waitFor } from '../lib/deadline.ts';
import { environmentError, messageOf } from '../lib/errors.ts';
import { cacheError } from './cache.ts';
import type { EngineEndpoint } from './engine-endpoint.ts';
import { cacheFolder, type HostEnvironment } from './environment.ts';
import { isSameProcess, type ProcessIdentity } from './identity.ts';
import { signalGroup } from './process.ts';

export type RunState = {
  readonly harness: ProcessIdentity;
  /** Leaders of process groups, with a name for people. */
  readonly processes: readonly (ProcessIdentity & { readonly name: string })[];
  readonly folders: readonly string[];
  /** Absent in files that older versions left. */
  readonly engines?: readonly LabelledOnEngine[];
};

/** Everything on an engine that carries a label. */
export type LabelledOnEngine = { readonly endpoint: EngineEndpoint; readonly filter: string };

/** Every folder a run may remove carries this prefix, so that a damaged state file can remove nothing else. */
export const TEMPORARY_PREFIX = 'ordeal-';

const KILL_TIMEOUT_MS = 10_000;
const RETRY_ENGINE_MS = 500;

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

export type UndoOptions = {
  /** How long an engine that does not answer, because it restarts, is asked again. */
  readonly engineWithinMs: number;
};

/**
 * Kills and removes what the state names, then forgets it. Returns a line for each thing that was still there.
 * Throws `engine.away`, and keeps the state, when an engine does not answer in time.
 */
export async function undo(path: string, options: UndoOptions): Promise<readonly string[]> {
  const state = readState(path);
  if (state === undefined) return [];
  const ended = await endProcesses(state);
  const removed: string[] = [];
  for (const folder of state.folders) {
    if (await removeTemporary(folder)) removed.push(folder);
  }
  for (const labelled of state.engines ?? []) removed.push(...(await sweep(labelled, options)));
  removeState(path);
  return [...ended, ...removed.map((what) => `removed ${what}`)];
}

async function endProcesses({ processes }: RunState): Promise<readonly string[]> {
  const alive = processes.filter(isSameProcess);
  for (const { pid } of alive) signalGroup(pid, 'SIGKILL');
  await waitFor('killed processes to end', () => !alive.some(isSameProcess), {
    timeoutMs: KILL_TIMEOUT_MS,
  });
  return alive.map(({ name, pid }) => `ended ${name} (process ${pid})`);
}

async function sweep(
  { endpoint, filter }: LabelledOnEngine,
  { engineWithinMs }: UndoOptions,
): Promise<readonly string[]> {
  // Loaded only here: a reaper without containers to remove stays small.
  const { connectEngine } = await import('./engine.ts');
  const { guarded } = await import('./engine-guard.ts');
  const { removeLabelled } = await import('./engine-sweep.ts');
  const end = performance.now() + engineWithinMs;
  for (;;) {
    try {
      const removed = await removeLabelled(guarded(connectEngine(endpoint)), filter);
      return removed.map(({ kind, name }) => `${kind} ${name}`);
    } catch (cause) {
      if (performance.now() >= end) throw away({ endpoint, filter }, cause);
    }
    await pause(RETRY_ENGINE_MS);
  }
}

const away = ({ endpoint, filter }: LabelledOnEngine, cause: unknown): unknown =>
  environmentError(
    'engine.away',
    `what is labelled ${filter} stays at ${endpoint.url}: ${messageOf(cause)}`,
    { hint: 'start that engine, then: ordeal clean', cause },
  );

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

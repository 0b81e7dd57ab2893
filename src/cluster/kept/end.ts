/** Ending a kept cluster, and removing what a dead keeper left: processes, containers, folders. */
import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { HostEnvironment } from '../../host/environment.ts';
import { isSameProcess, type ProcessIdentity } from '../../host/identity.ts';
import { signalGroup } from '../../host/process.ts';
import { readState, removeTemporary, stateFiles, undo } from '../../host/run-state.ts';
import { waitFor } from '../../lib/deadline.ts';
import { inputError, OrdealError } from '../../lib/errors.ts';
import { isAlive, type Kept } from './state.ts';

/** Orderly: brokers are killed, containers, networks and volumes removed. */
const END_MS = 60_000;

/** Throws `kept.in-use` when a run has it, unless `force`. Resolves when nothing of it is left. */
export async function endKept(
  host: HostEnvironment,
  kept: Kept,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { name, state } = kept;
  if (isAlive(kept) && state?.run != null && !force) {
    const hint = 'end that run first, or: ordeal cluster down --force';
    throw inputError('kept.in-use', `the kept cluster ${name} is in use by ${state.run}`, hint);
  }
  for (const keeper of keepersOf(host, kept)) await endKeeper(keeper);
  await removeRemains(host, kept);
}

/** By its state, and, should that be damaged, by what its cluster is registered under. */
function keepersOf(host: HostEnvironment, { name, state }: Kept): readonly ProcessIdentity[] {
  const known = state === undefined ? [] : [state.keeper];
  const registered = runStates(host, name).flatMap((path) => readState(path)?.harness ?? []);
  const all = new Map([...known, ...registered].map((keeper) => [keeper.pid, keeper]));
  return [...all.values()].filter(isSameProcess);
}

/** A keeper calls what it raises `kept-NAME-1-PID`. */
function runStates(host: HostEnvironment, name: string): readonly string[] {
  const own = new RegExp(`^kept-${name}-\\d+-\\d+\\.json$`);
  return stateFiles(host).filter((path) => own.test(basename(path)));
}

async function endKeeper(keeper: ProcessIdentity): Promise<void> {
  signalGroup(keeper.pid, 'SIGTERM');
  const gone = (timeoutMs: number): Promise<unknown> =>
    waitFor('the keeper to end', () => !isSameProcess(keeper), { timeoutMs });
  try {
    await gone(END_MS);
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    signalGroup(keeper.pid, 'SIGKILL');
    await gone(END_MS);
  }
}

/** For one whose keeper is gone, at whose things its reaper may still be. Throws `engine.away` while an engine that has something of it does not answer. */
export async function removeRemains(host: HostEnvironment, kept: Kept): Promise<void> {
  for (const path of runStates(host, kept.name)) await undo(path, { engineWithinMs: 0 });
  if (kept.state !== undefined) await removeTemporary(dirname(kept.state.socket));
  await rm(kept.folder, { recursive: true, force: true, maxRetries: 5 });
}

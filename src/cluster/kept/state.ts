/** Which clusters are kept on this machine: a folder each below the cache, readable by its owner alone. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheError } from '../../host/cache.ts';
import { cacheFolder, type HostEnvironment } from '../../host/environment.ts';
import { isSameProcess, type ProcessIdentity } from '../../host/identity.ts';
import { inputError, type OrdealError } from '../../lib/errors.ts';
import type { Link } from '../../links/links.ts';
import type { ClusterSpec } from '../../scenario/scenario.ts';
import type { RunningCluster } from '../cluster.ts';
import type { Condition } from './keeper.ts';

/** Written by the keeper whenever it changes. */
export type KeptState = Condition & {
  readonly name: string;
  readonly keeper: ProcessIdentity;
  /** ordeal's version: keeper and run speak the same protocol only when it is the same. */
  readonly version: string;
  readonly provider: RunningCluster['provider'];
  readonly cluster: ClusterSpec;
  readonly proxied: readonly Link[];
  /** Whether the pods may drop packets. */
  readonly drops: boolean;
  /** Where the keeper listens, in a temporary folder of its own. */
  readonly socket: string;
  /** ISO 8601, UTC: when `up` was asked for it. */
  readonly since: string;
  /** Why it could not be raised; null while it lives or was ended. */
  readonly failure: string | null;
};

/** A folder is there; the state in it may be damaged. */
export type Kept = {
  readonly name: string;
  readonly folder: string;
  readonly state: KeptState | undefined;
};

export const DEFAULT_NAME = 'default';
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Throws a usage error for a name that could be no folder's. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  const hint =
    'use up to 40 lower-case letters, digits and dashes; a scenario stands before --reuse';
  throw inputError('kept.name', `${JSON.stringify(name)} is no name for a kept cluster`, hint);
}

export const keptFolder = (host: HostEnvironment): string => join(cacheFolder(host), 'kept');

export const folderOf = (host: HostEnvironment, name: string): string =>
  join(keptFolder(host), name);

/** What the keeper says, brokers' logs aside. */
export const keeperLog = (folder: string): string => join(folder, 'keeper.log');

const stateIn = (folder: string): string => join(folder, 'state.json');

/** Throws `cache.unwritable`. */
export function writeKept(folder: string, state: KeptState): void {
  const path = stateIn(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.draft`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${path}.draft`, path);
  } catch (error) {
    throw cacheError(path, error);
  }
}

/** Undefined when there is none of that name. */
export const findKept = (host: HostEnvironment, name: string): Kept | undefined =>
  allKept(host).find((one) => one.name === name);

/** All of them by name, dead and damaged ones too. */
export function allKept(host: HostEnvironment): readonly Kept[] {
  let names: readonly string[];
  try {
    names = readdirSync(keptFolder(host), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
  return [...names].sort().map((name) => {
    const folder = folderOf(host, name);
    return { name, folder, state: readState(folder, name) };
  });
}

/** Undefined when it is not what a keeper writes. */
function readState(folder: string, name: string): KeptState | undefined {
  try {
    const state = JSON.parse(readFileSync(stateIn(folder), 'utf8')) as Partial<KeptState>;
    const whole =
      state.name === name &&
      typeof state.keeper?.pid === 'number' &&
      typeof state.socket === 'string' &&
      typeof state.cluster?.brokers === 'number' &&
      Array.isArray(state.bootstrap) &&
      Array.isArray(state.proxied);
    return whole ? (state as KeptState) : undefined;
  } catch {
    return undefined;
  }
}

export const isAlive = ({ state }: Kept): boolean =>
  state !== undefined && isSameProcess(state.keeper);

/** One run at a time. */
export const keptBusy = (name: string, run: string): OrdealError =>
  inputError(
    'kept.busy',
    `the kept cluster ${name} is in use by ${run}`,
    'wait for its end, or keep another one: ordeal cluster up [SCENARIO] --name OTHER',
  );

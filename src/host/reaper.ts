/**
 * Nothing outlives a run. The harness registers what it starts in a state file, and a small process of its own
 * holds a pipe to the harness: when the pipe closes, however the harness died, it undoes what the file says.
 */
import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineEndpoint } from './engine-endpoint.ts';
import { childEnvironment, type HostEnvironment } from './environment.ts';
import { type ProcessIdentity, startTimeOf } from './identity.ts';
import {
  type LabelledOnEngine,
  type RunState,
  removeState,
  stateFile,
  writeState,
} from './run-state.ts';

export interface Reaper extends AsyncDisposable {
  /** Registers the leader of a process group; returns how to forget it once it has ended. */
  watch(process: ProcessIdentity, name: string): () => void;
  /** Registers a temporary folder, whose name starts with `ordeal-`; returns how to forget it. */
  watchFolder(path: string): () => void;
  /** Registers all that carries a label on an engine, before it is made; `filter` is `NAME=VALUE`. */
  watchEngine(endpoint: EngineEndpoint, filter: string): () => void;
}

/** A sibling of this file; compiled, since Node 20 cannot run TypeScript. */
const ENTRY = fileURLToPath(new URL(`./reaper-main${extname(import.meta.url)}`, import.meta.url));

/**
 * `name` is unique among living runs. Disposing says that all is well: processes and folders that are still registered
 * stay. What an engine still has could not be removed, so the reaper goes on trying alone, and `ordeal clean` knows of it.
 */
export function openReaper(host: HostEnvironment, name: string): Reaper {
  const path = stateFile(host, name);
  const processes = new Set<ProcessIdentity & { readonly name: string }>();
  const folders = new Set<string>();
  const engines = new Set<LabelledOnEngine>();
  const harness = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
  const save = (): void => {
    const state: RunState = {
      harness,
      processes: [...processes],
      folders: [...folders],
      engines: [...engines],
    };
    writeState(path, state);
  };
  const register = <T>(set: Set<T>, entry: T): (() => void) => {
    set.add(entry);
    save();
    return () => {
      if (set.delete(entry)) save();
    };
  };
  save();
  const child = spawn(process.execPath, [ENTRY, path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...childEnvironment(host) },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // It must never keep the harness alive; a pipe that breaks means that only `ordeal clean` is left.
  child.unref();
  child.stdin.on('error', () => {});
  return {
    watch: ({ pid, startedAt }, called) => register(processes, { pid, startedAt, name: called }),
    watchFolder: (folder) => register(folders, folder),
    watchEngine: (endpoint, filter) => register(engines, { endpoint, filter }),
    [Symbol.asyncDispose]: async () => {
      if (engines.size > 0) {
        processes.clear();
        folders.clear();
        save();
        child.stdin.end();
        return;
      }
      removeState(path);
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}

/** Child processes in process groups of their own, their output appended to a log file, their end a promise. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { environmentError, messageOf } from '../lib/errors.ts';
import { type ProcessIdentity, startTimeOf } from './identity.ts';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type GroupCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** stdout and stderr are appended to it. */
  readonly logFile: string;
};

export type ProcessGroup = ProcessIdentity & {
  /** Resolves once the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** Null while it lives. */
  readonly exit: Exit | null;
  /** To the whole group; nothing happens when it is gone. */
  signal(name: NodeJS.Signals): void;
};

/** Throws `process.not-started` when the command cannot be run. */
export async function spawnGroup(options: GroupCommand): Promise<ProcessGroup> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(options.command, [...options.args], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } finally {
    closeSync(log);
  }
  await spawned(child, options.command);
  return groupOf(child);
}

const spawned = (child: ChildProcess, command: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(environmentError('process.not-started', `${command}: ${messageOf(cause)}`, { cause })),
    );
  });

function groupOf(child: ChildProcess): ProcessGroup {
  const pid = child.pid as number;
  let exit: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  return {
    pid,
    startedAt: startTimeOf(pid) ?? '',
    exited,
    get exit() {
      return exit;
    },
    signal: (name) => {
      if (exit === null) signalGroup(pid, name);
    },
  };
}

/** Signals a process group; one that is gone already is fine. */
export function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

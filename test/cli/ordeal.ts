/**
 * Runs the built program as a user would. Needs `npm run build` first, as `npm test` does; ORDEAL_TEST_BUILD names
 * another folder than dist.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import type { Result } from '../../src/verify/result.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const ORDEAL = resolve(ROOT, process.env['ORDEAL_TEST_BUILD'] ?? 'dist', 'cli/main.js');

/** Scenarios that leave the provider open run locally, whatever this machine has; docker's own tests take it back. */
const NO_ENGINE = 'unix:///nowhere/docker.sock';

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Started = { readonly child: ChildProcess; readonly ended: Promise<Ended> };

export type StartOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly execArgv?: readonly string[];
};

export function start(args: readonly string[], options: StartOptions = {}): Started {
  if (!existsSync(ORDEAL)) throw new Error('dist/ is missing: npm run build');
  const child = spawn(process.execPath, [...(options.execArgv ?? []), ORDEAL, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', DOCKER_HOST: NO_ENGINE, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export const ordeal = (args: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(args, options).ended;

/** A folder of this test file's own, removed at its end. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const resultOf = (folder: string): Result =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;

/** The events so far; a torn last line is left out. */
export function eventsOf(folder: string): RunEvent[] {
  const path = join(folder, 'events.ndjson');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RunEvent);
}

export const eventIn = (
  folder: string,
  what: string,
  matches: (event: RunEvent) => boolean,
  timeoutMs = 120_000,
): Promise<RunEvent> =>
  waitFor(what, () => eventsOf(folder).find(matches), { timeoutMs, everyMs: 100 });

/** Keeps what a bench found in bench/results/<date>.json, beside what the machine was. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const FOLDER = 'bench/results';

type Kept = {
  readonly machine: Readonly<Record<string, string | number>>;
  /** By the bench and what it was asked for; a later run of the same replaces an earlier one. */
  readonly benches: Readonly<Record<string, unknown>>;
};

/** Returns the file. */
export function keepResults(bench: string, found: unknown): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${new Date().toISOString().slice(0, 10)}.json`);
  const before: Kept | null = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  const benches = { ...before?.benches, [bench]: found };
  writeFileSync(file, `${JSON.stringify({ machine: machine(), benches }, null, 2)}\n`);
  return file;
}

const machine = (): Kept['machine'] => ({
  processors: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
});

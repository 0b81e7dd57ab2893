/**
 * A baseline is what a comparison needs of runs that were good: their values and their scenario, in one file that outlives
 * the run folders and may be kept in a repository.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentError, inputError, messageOf } from '../../lib/errors.ts';
import type { RecordedSide } from './recorded-side.ts';
import type { ComparedRun } from './runs.ts';

export const BASELINE_FORMAT = 1;

/** Where they are, unless a flag says otherwise. */
export const BASELINES = '.ordeal/baselines';

type BaselineFile = {
  readonly format: number;
  readonly kind: 'baseline';
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
  readonly scenario: string;
  readonly resolved: string;
  readonly runs: readonly ComparedRun[];
};

/** Its path. Throws an input error when the name is none, or its runs may not be compared. */
export function saveBaseline(folder: string, name: string, side: RecordedSide): string {
  const path = pathOf(folder, name);
  const { scenario, resolved, runs, refusal } = side;
  if (refusal !== null) {
    throw inputError('baseline.refused', `no baseline of runs like ${refusal.why}`);
  }
  const file: BaselineFile = {
    format: BASELINE_FORMAT,
    kind: 'baseline',
    name,
    savedAt: new Date().toISOString(),
    scenario,
    resolved,
    runs,
  };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.pending`, `${JSON.stringify(file, null, 2)}\n`);
    renameSync(`${path}.pending`, path);
  } catch (error) {
    throw environmentError('out.unwritable', `cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return path;
}

/** Throws an input error when there is none, or the file is something else. */
export function readBaseline(folder: string, name: string): RecordedSide {
  const path = pathOf(folder, name);
  if (!existsSync(path)) {
    throw inputError(
      'baseline.not-found',
      `there is no baseline ${name}: no file ${path}`,
      `make it with: ordeal baseline save ${name} RUN…`,
    );
  }
  const { scenario, resolved, runs } = parsed(path);
  return { from: `baseline ${name}`, scenario, resolved, runs, refusal: null };
}

function parsed(path: string): BaselineFile {
  let file: Partial<BaselineFile> | null;
  try {
    file = JSON.parse(readFileSync(path, 'utf8')) as Partial<BaselineFile> | null;
  } catch (error) {
    throw damaged(path, messageOf(error));
  }
  if (file?.kind !== 'baseline') throw damaged(path, 'it is something else');
  if (file.format !== BASELINE_FORMAT) throw damaged(path, `its format is ${file.format}`);
  if (!Array.isArray(file.runs) || typeof file.resolved !== 'string') {
    throw damaged(path, 'runs or scenario are missing');
  }
  return file as BaselineFile;
}

const damaged = (path: string, why: string) =>
  inputError('baseline.damaged', `${path} is not a baseline: ${why}`, 'save it again');

function pathOf(folder: string, name: string): string {
  if (/^[\w][\w.-]{0,99}$/.test(name)) return join(folder, `${name}.json`);
  throw inputError(
    'usage',
    `a baseline’s name is letters, digits, dots, dashes and underscores, got ${name.slice(0, 100)}`,
  );
}

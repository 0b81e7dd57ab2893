/** Finished runs as a comparison sees them: their values, and where they are. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRun } from '../../evidence/read-run.ts';
import { FILES } from '../../evidence/run-folder.ts';
import { inputError, messageOf } from '../../lib/errors.ts';
import { measure } from '../../measure/measure.ts';
import type { Measures } from '../../measure/measures.ts';
import { neighbours } from '../../measure/processors.ts';
import { asFound } from '../../runner/real-topics.ts';
import { loadScenario } from '../../scenario/load-scenario.ts';
import type { Result } from '../../verify/result.ts';
import { type RunValues, valuesOf } from './metrics.ts';
import { type Refusal, refusalOf } from './refusal.ts';

export type ComparedRun = {
  readonly folder: string;
  readonly values: RunValues;
  /** Cores that others used meanwhile, where so many that they may have made it slow; null: not, or not known. */
  readonly neighbours: number | null;
};

export type RecordedRun = ComparedRun & {
  readonly scenario: string;
  /** YAML. */
  readonly resolved: string;
  readonly refusal: Refusal | null;
};

/** The run folder itself, or those in it, as `run --repeat` leaves them. Throws an input error when there are none. */
export function runFolders(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw inputError('run.not-found', `${path} is not a run folder`, HINT);
  }
  if (existsSync(join(path, FILES.run))) return [path];
  const inside = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(path, entry.name, FILES.run)))
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (inside.length > 0) return inside.map((name) => join(path, name));
  throw inputError('run.not-found', `${path} is not a run folder, and has none in it`, HINT);
}

const HINT = 'give a folder that `ordeal run` named, or one of `ordeal run --repeat`';

export const seenIn = (measures: Measures): Omit<ComparedRun, 'folder'> => ({
  values: valuesOf(measures),
  neighbours: neighbours(
    measures.windows.find(({ window }) => window === 'measure')?.processors ?? null,
  ),
});

/** Reads it and changes nothing there. Throws an input error when it never came to its verdict. */
export function readRecordedRun(folder: string): RecordedRun {
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      throw inputError(
        'run.not-found',
        `${folder} is not a finished run: ${messageOf(error)}`,
        `to judge what it left: ordeal report ${folder}`,
      );
    }
  };
  const result = JSON.parse(read(FILES.result)) as Result;
  const resolved = read(FILES.scenario);
  const file = join(folder, FILES.scenario);
  const { scenario: written } = loadScenario(resolved, { file, env: {}, missingEnv: 'empty' });
  const evidence = readRun(folder);
  const scenario = asFound(written, evidence.events);
  return {
    folder,
    scenario: scenario.name,
    resolved,
    ...seenIn(measure(scenario, evidence)),
    refusal: refusalOf(scenario, result),
  };
}

/**
 * `steps.ndjson`: a search as it goes on, one line a step after a line that says what is searched. A search that was
 * interrupted goes on from it.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { checkFolder } from '../../evidence/recorder.ts';
import { environmentError, inputError, messageOf } from '../../lib/errors.ts';
import type { MeasuredStep } from './measured-step.ts';
import type { SearchOptions } from './search.ts';

export const STEPS_FILE = 'steps.ndjson';

const JOURNAL_FORMAT = 1;

/** Two searches with the same question may be one. `most` is no part of it: the second may have more time. */
export type SearchQuestion = Omit<SearchOptions, 'most'> & {
  /** As resolved, before any rate was changed. */
  readonly scenario: string;
  readonly seed: number;
};

export class Journal {
  readonly #path: string;
  readonly steps: MeasuredStep[];

  /** Throws an input error when the folder holds something else, and an environment error when it cannot be written. */
  constructor(folder: string, question: SearchQuestion) {
    this.#path = join(folder, STEPS_FILE);
    const header = headerOf(question);
    const begun = existsSync(this.#path);
    if (!begun) checkFolder(folder);
    const [first, ...rest] = begun ? wholeLines(this.#path) : [];
    if (first !== undefined && first !== header) {
      throw inputError(
        'capacity.other-search',
        `${folder} holds a search of another scenario, or with other flags`,
        'give another --out, or the same scenario, flags and --seed to go on with it',
      );
    }
    this.steps = rest.map((line) => JSON.parse(line) as MeasuredStep);
    if (first !== undefined) return;
    this.#write(() => {
      mkdirSync(folder, { recursive: true });
      appendFileSync(this.#path, `${header}\n`);
    });
  }

  add(step: MeasuredStep): void {
    this.#write(() => appendFileSync(this.#path, `${JSON.stringify(step)}\n`));
    this.steps.push(step);
  }

  #write(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw environmentError('out.unwritable', `cannot write ${this.#path}: ${messageOf(error)}`, {
        hint: 'free space, and start the same command again to go on',
        cause: error,
      });
    }
  }
}

const headerOf = ({ scenario, ...rest }: SearchQuestion): string =>
  JSON.stringify({
    format: JOURNAL_FORMAT,
    kind: 'capacity',
    scenario: createHash('sha256').update(scenario).digest('hex'),
    ...rest,
  });

/** The last line may have been cut off by a crash; it is taken away, so that the next one begins a line. */
function wholeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes
    .toString('utf8', 0, end)
    .split('\n')
    .filter((line) => line !== '');
}

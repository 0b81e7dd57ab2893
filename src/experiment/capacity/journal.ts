/**
 * `steps.ndjson`: a search as it goes on, one line a step after a line that says what is searched. A search that was
 * interrupted goes on from it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkFolder } from '../../evidence/recorder.ts';
import { inputError } from '../../lib/errors.ts';
import { digest, JournalFile } from '../journal.ts';
import type { MeasuredStep } from './measured-step.ts';
import type { SearchOptions } from './search.ts';

export const STEPS_FILE = 'steps.ndjson';

/** Two searches with the same question may be one. `most` is no part of it: the second may have more time. */
export type SearchQuestion = Omit<SearchOptions, 'most'> & {
  /** As resolved, before any rate was changed. */
  readonly scenario: string;
  readonly seed: number;
};

export class Journal {
  readonly #file: JournalFile<MeasuredStep>;

  /** Throws an input error when the folder holds something else, and an environment error when it cannot be written. */
  constructor(folder: string, { scenario, ...rest }: SearchQuestion) {
    const path = join(folder, STEPS_FILE);
    if (!existsSync(path)) checkFolder(folder);
    const question = { kind: 'capacity', scenario: digest(scenario), ...rest };
    this.#file = new JournalFile(path, question, () =>
      inputError(
        'capacity.other-search',
        `${folder} holds a search of another scenario, or with other flags`,
        'give another --out, or the same scenario, flags and --seed to go on with it',
      ),
    );
  }

  get steps(): readonly MeasuredStep[] {
    return this.#file.entries;
  }

  add(step: MeasuredStep): void {
    this.#file.add(step);
  }
}

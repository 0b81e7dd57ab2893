/**
 * `pairs.ndjson`: a comparison as it goes on, one line a pair or a look after a line that says what is compared. One that
 * was interrupted goes on from it; looks are kept, since each of them has used up its share of the allowed error.
 */
import { join } from 'node:path';
import { inputError } from '../../lib/errors.ts';
import { digest, JournalFile } from '../journal.ts';
import type { Pair } from './findings.ts';

export const PAIRS_FILE = 'pairs.ndjson';

/** Two comparisons with the same question may be one. */
export type CompareQuestion = {
  /** YAML, as resolved. */
  readonly base: string;
  readonly candidate: string;
  readonly seed: number;
};

/** `void`: a pair that says nothing and was made again. */
type Entry =
  | ({ readonly type: 'pair' } & Pair)
  | { readonly type: 'void'; readonly number: number; readonly why: string }
  | { readonly type: 'look'; readonly pairs: number };

export class Journal {
  readonly #file: JournalFile<Entry>;

  /** Throws an input error when the folder holds something else, and an environment error when it cannot be written. */
  constructor(folder: string, { base, candidate, seed }: CompareQuestion) {
    const question = { kind: 'compare', base: digest(base), candidate: digest(candidate), seed };
    this.#file = new JournalFile(join(folder, PAIRS_FILE), question, () =>
      inputError(
        'compare.other-comparison',
        `${folder} holds a comparison of other scenarios, or with other flags`,
        'give another --out, or the same scenarios, flags and --seed to go on with it',
      ),
    );
  }

  get pairs(): readonly Pair[] {
    return this.#file.entries.flatMap((entry) => {
      if (entry.type !== 'pair') return [];
      const { type: _type, ...pair } = entry;
      return [pair];
    });
  }

  get voids(): number {
    return this.#file.entries.filter(({ type }) => type === 'void').length;
  }

  get looked(): readonly number[] {
    return this.#file.entries.flatMap((entry) => (entry.type === 'look' ? [entry.pairs] : []));
  }

  addPair(pair: Pair): void {
    this.#file.add({ type: 'pair', ...pair });
  }

  addVoid(number: number, why: string): void {
    this.#file.add({ type: 'void', number, why });
  }

  addLook(): void {
    this.#file.add({ type: 'look', pairs: this.pairs.length });
  }
}

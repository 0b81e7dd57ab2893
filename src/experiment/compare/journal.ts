/**
 * `pairs.ndjson`: a comparison as it goes on, one line a pair or a look after a line that says what is compared. One that
 * was interrupted goes on from it; looks are kept, since each of them has used up its share of the allowed error.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { environmentError, inputError, messageOf } from '../../lib/errors.ts';
import type { Pair } from './findings.ts';

export const PAIRS_FILE = 'pairs.ndjson';

const JOURNAL_FORMAT = 1;

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
  readonly #path: string;
  readonly #entries: Entry[];

  /** Throws an input error when the folder holds something else, and an environment error when it cannot be written. */
  constructor(folder: string, question: CompareQuestion) {
    this.#path = join(folder, PAIRS_FILE);
    const header = headerOf(question);
    const [first, ...rest] = existsSync(this.#path) ? wholeLines(this.#path) : [];
    if (first !== undefined && first !== header) {
      throw inputError(
        'compare.other-comparison',
        `${folder} holds a comparison of other scenarios, or with other flags`,
        'give another --out, or the same scenarios, flags and --seed to go on with it',
      );
    }
    this.#entries = rest.map((line) => JSON.parse(line) as Entry);
    if (first !== undefined) return;
    this.#write(() => {
      mkdirSync(folder, { recursive: true });
      appendFileSync(this.#path, `${header}\n`);
    });
  }

  get pairs(): readonly Pair[] {
    return this.#entries.flatMap((entry) => {
      if (entry.type !== 'pair') return [];
      const { type: _type, ...pair } = entry;
      return [pair];
    });
  }

  get voids(): number {
    return this.#entries.filter(({ type }) => type === 'void').length;
  }

  get looked(): readonly number[] {
    return this.#entries.flatMap((entry) => (entry.type === 'look' ? [entry.pairs] : []));
  }

  addPair(pair: Pair): void {
    this.#add({ type: 'pair', ...pair });
  }

  addVoid(number: number, why: string): void {
    this.#add({ type: 'void', number, why });
  }

  addLook(): void {
    this.#add({ type: 'look', pairs: this.pairs.length });
  }

  #add(entry: Entry): void {
    this.#write(() => appendFileSync(this.#path, `${JSON.stringify(entry)}\n`));
    this.#entries.push(entry);
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

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const headerOf = ({ base, candidate, seed }: CompareQuestion): string =>
  JSON.stringify({
    format: JOURNAL_FORMAT,
    kind: 'compare',
    base: digest(base),
    candidate: digest(candidate),
    seed,
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

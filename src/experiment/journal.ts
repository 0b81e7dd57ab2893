/**
 * An experiment as it goes on: a file of one JSON object a line, after a line that says what is asked. One that was
 * interrupted goes on from it.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';

const JOURNAL_FORMAT = 1;

/** What is asked: two experiments with the same question may be one. Long texts go in by their digest. */
export type JournalQuestion = Readonly<Record<string, string | number>>;

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export class JournalFile<Entry> {
  readonly #path: string;
  readonly #entries: Entry[];

  /** Throws `other` when the file has another question, and an environment error when it cannot be written. */
  constructor(path: string, question: JournalQuestion, other: () => OrdealError) {
    this.#path = path;
    const header = JSON.stringify({ format: JOURNAL_FORMAT, ...question });
    const [first, ...rest] = existsSync(path) ? wholeLines(path) : [];
    if (first !== undefined && first !== header) throw other();
    this.#entries = rest.map((line) => JSON.parse(line) as Entry);
    if (first === undefined) this.#append(header);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  add(entry: Entry): void {
    this.#append(JSON.stringify(entry));
    this.#entries.push(entry);
  }

  #append(line: string): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, `${line}\n`);
    } catch (error) {
      throw environmentError('out.unwritable', `cannot write ${this.#path}: ${messageOf(error)}`, {
        hint: 'free space, and start the same command again to go on',
        cause: error,
      });
    }
  }
}

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

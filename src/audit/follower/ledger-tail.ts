/** Reads the ledgers of a run's workers while they are being written: whole entries, each once, as they come. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, ENTRY_BYTES, type RawEntry } from '../../evidence/ledger.ts';

/** Entries read of one file at a time. */
const AT_ONCE = 8192;

/** A ledger, and up to which byte it was read. */
type Open = { readonly fd: number; at: number };

export class LedgerTail implements Disposable {
  readonly #folder: string;
  readonly #wanted: (name: string) => boolean;
  readonly #open = new Map<string, Open>();
  readonly #buffer = Buffer.allocUnsafe(AT_ONCE * ENTRY_BYTES);
  readonly #entry = {} as RawEntry;

  /** Follows the files of the folder whose names are wanted, those that come later too. */
  constructor(folder: string, wanted: (name: string) => boolean) {
    this.#folder = folder;
    this.#wanted = wanted;
  }

  /** Visits what has come since; the entry is reused. False when there is more than was read at once. */
  poll(visit: (entry: RawEntry) => void): boolean {
    for (const name of readdirSync(this.#folder)) {
      if (!this.#wanted(name) || this.#open.has(name)) continue;
      this.#open.set(name, { fd: openSync(join(this.#folder, name), 'r'), at: 0 });
    }
    let all = true;
    for (const file of this.#open.values()) all = this.#read(file, visit) && all;
    return all;
  }

  #read(file: Open, visit: (entry: RawEntry) => void): boolean {
    const read = readSync(file.fd, this.#buffer, 0, this.#buffer.length, file.at);
    const whole = read - (read % ENTRY_BYTES);
    for (let at = 0; at < whole; at += ENTRY_BYTES) {
      visit(decodeEntry(this.#buffer, at, this.#entry));
    }
    file.at += whole;
    return whole < this.#buffer.length;
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

/**
 * Several ledgers as one history in time order, in constant memory. Each ledger is in time order by itself,
 * because its writer has one clock.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { decodeEntry, ENTRY_BYTES, type RawEntry } from './ledger.ts';

class Cursor {
  readonly source: number;
  readonly entry = {} as RawEntry;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(1024 * ENTRY_BYTES);
  #at = 0;
  #end = 0;

  constructor(path: string, source: number) {
    this.source = source;
    this.#fd = openSync(path, 'r');
  }

  /** Moves to the next whole entry; false at the end. */
  next(): boolean {
    if (this.#at + ENTRY_BYTES > this.#end && !this.#fill()) return false;
    decodeEntry(this.#buffer, this.#at, this.entry);
    this.#at += ENTRY_BYTES;
    return true;
  }

  #fill(): boolean {
    const kept = this.#buffer.copy(this.#buffer, 0, this.#at, this.#end);
    this.#at = 0;
    this.#end = kept;
    while (this.#end < ENTRY_BYTES) {
      const read = readSync(
        this.#fd,
        this.#buffer,
        this.#end,
        this.#buffer.length - this.#end,
        null,
      );
      if (read === 0) return false;
      this.#end += read;
    }
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Calls `visit` with every whole entry of all files by time; `source` is the index in `paths`. The entry object is
 * reused.
 */
export function mergeLedgers(
  paths: readonly string[],
  visit: (entry: RawEntry, source: number) => void,
): void {
  const cursors = paths.map((path, source) => new Cursor(path, source));
  try {
    let open = cursors.filter((cursor) => cursor.next());
    while (open.length > 0) {
      const earliest = open.reduce((a, b) => (b.entry.timeUs < a.entry.timeUs ? b : a));
      // It stays the earliest until it has passed the next one.
      const untilUs = open.reduce(
        (min, cursor) => (cursor === earliest ? min : Math.min(min, cursor.entry.timeUs)),
        Infinity,
      );
      let more = true;
      do {
        visit(earliest.entry, earliest.source);
        more = earliest.next();
      } while (more && earliest.entry.timeUs <= untilUs);
      if (!more) open = open.filter((cursor) => cursor !== earliest);
    }
  } finally {
    for (const cursor of cursors) cursor.close();
  }
}

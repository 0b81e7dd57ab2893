/** What a ledger held when its writer closed it, so that a reader notices one that was cut or changed afterwards. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';

export type LedgerEnd = {
  readonly entries: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
};

const CHUNK = 1 << 20;

/** The digest of a file so far, to go on with; and its bytes. */
export function digestFile(path: string): { readonly hash: Hash; readonly bytes: number } {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  const fd = openSync(path, 'r');
  try {
    for (let bytes = 0; ; ) {
      const read = readSync(fd, buffer, 0, CHUNK, null);
      if (read === 0) return { hash, bytes };
      hash.update(buffer.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(fd);
  }
}

/** What is wrong with a ledger of so many bytes an entry, or null. */
export function ledgerTrouble(path: string, end: LedgerEnd, entryBytes: number): string | null {
  if (!existsSync(path)) return 'is missing';
  const { hash, bytes } = digestFile(path);
  const entries = bytes / entryBytes;
  if (entries !== end.entries) {
    return `has ${Math.floor(entries)} entries, and its writer closed it with ${end.entries}`;
  }
  return hash.digest('hex') === end.sha256 ? null : 'is not what its writer closed';
}

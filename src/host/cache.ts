/** Writing below the cache folder: atomic files, and one clear error when it cannot be written. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';

const CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'EDQUOT']);

/** An error of the file system as one about the cache; anything else is handed back as it is. */
export function cacheError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return CODES.has(code) ? cacheUnwritable(path, error) : error;
}

const cacheUnwritable = (path: string, cause: unknown): OrdealError =>
  environmentError('cache.unwritable', `the cache cannot be written: ${messageOf(cause)}`, {
    hint: `make ${path} writable and free some space, or point XDG_CACHE_HOME somewhere else`,
    cause,
  });

/** Creates the folder and its parents. Throws `cache.unwritable`. */
export async function ensureFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw cacheError(path, error);
  }
  return path;
}

/** All of it or nothing: readers never see half a file. Throws `cache.unwritable`. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await ensureFolder(dirname(path));
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    throw cacheError(path, error);
  }
}

/** One file from the network: resumed where an earlier attempt ended, checked by its digest, put in place whole. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pause } from '../lib/deadline.ts';
import { environmentError, messageOf, OrdealError } from '../lib/errors.ts';
import { cacheError, ensureFolder } from './cache.ts';

export type RemoteFile = {
  readonly url: string;
  readonly path: string;
  readonly digest: { readonly algorithm: 'sha512' | 'sha256'; readonly hex: string };
  /** In bytes; null when it is not known beforehand. */
  readonly size: number | null;
};

export type FetchOptions = {
  readonly signal: AbortSignal;
  /** Bytes that arrived; negative when some have to be fetched again. */
  readonly onBytes: (bytes: number) => void;
  readonly attempts?: number;
};

const BACKOFF_MS = [500, 1000, 2000, 4000];
const STALLED_AFTER_MS = 30_000;

/** True when the file is there, whole and unaltered. */
export async function isIntact({ path, digest, size }: RemoteFile): Promise<boolean> {
  try {
    if (size !== null && (await stat(path)).size !== size) return false;
    return (await digestOf(path, digest.algorithm)) === digest.hex;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cacheError(path, error);
  }
}

export async function digestOf(path: string, algorithm: 'sha512' | 'sha256'): Promise<string> {
  return createHash(algorithm)
    .update(await readFile(path))
    .digest('hex');
}

/** Throws `download.failed`, `download.corrupt` or `cache.unwritable`. */
export async function fetchFile(file: RemoteFile, options: FetchOptions): Promise<void> {
  const part = { ...file, path: `${file.path}.part` };
  await ensureFolder(dirname(file.path));
  const attempts = options.attempts ?? BACKOFF_MS.length + 1;
  let damaged = 0;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(part, options);
    if (outcome === 'intact') break;
    // Once may be a resumed file that had been damaged; twice is the source.
    if (outcome === 'damaged' && ++damaged === 2) throw corrupt(file);
    if (attempt >= attempts) throw failed(file, outcome);
    await pause(BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] as number, options.signal);
  }
  await rename(part.path, file.path);
}

/** What came of it: an error is worth another try. */
async function attemptOnce(
  part: RemoteFile,
  options: FetchOptions,
): Promise<'intact' | 'damaged' | Error> {
  try {
    await transfer(part, options);
  } catch (error) {
    if (options.signal.aborted || error instanceof OrdealError) throw error;
    return error as Error;
  }
  if (await isIntact(part)) return 'intact';
  options.onBytes(-(await sizeOf(part.path)));
  await rm(part.path, { force: true });
  return 'damaged';
}

/** Appends to what is there when the server allows it. */
async function transfer({ url, path, size }: RemoteFile, options: FetchOptions): Promise<void> {
  let offset = await sizeOf(path);
  if (size !== null && offset >= size) {
    await rm(path, { force: true });
    offset = 0;
  }
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(new Error('the transfer stalled')),
    STALLED_AFTER_MS,
  );
  try {
    const response = await fetch(url, {
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
      signal: AbortSignal.any([options.signal, stalled.signal]),
    });
    const resumes = response.status === 206;
    if (response.status === 416) await rm(path, { force: true });
    if (!response.ok || response.body === null) throw refused(url, response);
    if (resumes) options.onBytes(offset);
    const source = Readable.fromWeb(response.body);
    source.on('data', (chunk: Uint8Array) => {
      timer.refresh();
      options.onBytes(chunk.byteLength);
    });
    await pipeline(source, createWriteStream(path, { flags: resumes ? 'a' : 'w' }));
  } catch (error) {
    throw cacheError(path, error);
  } finally {
    clearTimeout(timer);
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** Trying again helps against a busy server, not against a file that is not there. */
function refused(url: string, { status }: Response): Error {
  return [408, 416, 425, 429].includes(status) || status >= 500
    ? new Error(`HTTP ${status}`)
    : environmentError('download.failed', `${url}: the server answered HTTP ${status}`);
}

const failed = ({ url }: RemoteFile, error: unknown): OrdealError =>
  environmentError(
    'download.failed',
    `${url} could not be fetched: ${messageOf((error as Error).cause ?? error)}`,
    {
      hint: 'check the network; what has arrived is kept, so running again goes on from there',
      cause: error,
    },
  );

const corrupt = ({ url, digest }: RemoteFile): OrdealError =>
  environmentError(
    'download.corrupt',
    `${url} is not the expected file: its ${digest.algorithm} differs, twice`,
    {
      hint: 'something between here and the repository alters files; try another network or mirror',
    },
  );

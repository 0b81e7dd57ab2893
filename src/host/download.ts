/** Many files into the cache: only what is missing or damaged, a few at once, never by two processes together. */
import type { Progress } from '../lib/progress.ts';
import { fetchFile, isIntact, type RemoteFile } from './fetch-file.ts';
import { withProcessLock } from './process-lock.ts';

export type DownloadOptions = {
  /** For progress, such as `Kafka 4.3.1 jars`. */
  readonly task: string;
  /** One download at a time per lock file. */
  readonly lockFile: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

const AT_ONCE = 8;
const TELL_EVERY_MS = 200;

/** Every file is in place and unaltered, or it throws the first error. */
export async function ensureFiles(
  files: readonly RemoteFile[],
  options: DownloadOptions,
): Promise<void> {
  const missing = await notIntact(files);
  if (missing.length === 0) return;
  const { task, progress, signal } = options;
  const onWait = (holder: { readonly pid: number }): void =>
    progress({ task, state: 'started', detail: `process ${holder.pid} is fetching them` });
  await withProcessLock(options.lockFile, { signal, onWait }, async () => {
    const still = await notIntact(missing);
    if (still.length > 0) await fetchAll(still, options);
  });
}

async function fetchAll(
  files: readonly RemoteFile[],
  { task, progress, signal }: DownloadOptions,
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const counted = { unit: 'bytes', ...(total > 0 ? { total } : {}) } as const;
  let done = 0;
  let told = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    if (performance.now() - told < TELL_EVERY_MS) return;
    told = performance.now();
    progress({ task, state: 'advanced', done, ...counted });
  };
  progress({ task, state: 'started', done, ...counted });
  const failing = new AbortController();
  const both = AbortSignal.any([signal, failing.signal]);
  try {
    await atOnce(AT_ONCE, files, (file) => fetchFile(file, { signal: both, onBytes }), failing);
  } catch (error) {
    progress({ task, state: 'failed' });
    throw error;
  }
  progress({ task, state: 'done', done, ...counted });
}

/** Rejects with the first failure, after the others have stopped. */
async function atOnce<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
  failing: AbortController,
): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const lanes = Array.from({ length: width }, () =>
    lane().catch((error: unknown) => {
      failing.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(lanes);
  failing.signal.throwIfAborted();
}

async function notIntact(files: readonly RemoteFile[]): Promise<readonly RemoteFile[]> {
  const bad: RemoteFile[] = [];
  for (const file of files) if (!(await isIntact(file))) bad.push(file);
  return bad;
}

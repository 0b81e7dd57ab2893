/**
 * The toxiproxy-server program: from PATH, from the cache, from its release (checked against the release's own
 * checksums), or built by Go from the pinned module version.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentError, messageOf } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import { cacheError, ensureFolder, writeAtomically } from './cache.ts';
import { cacheFolder, childEnvironment, type HostEnvironment } from './environment.ts';
import { findInPath } from './executable.ts';
import { digestOf, fetchFile, isIntact } from './fetch-file.ts';
import { withProcessLock } from './process-lock.ts';

export const TOXIPROXY_VERSION = '2.12.0';

type Options = { readonly progress: Progress; readonly signal: AbortSignal };
/** Throws when this way does not lead to a program. */
type Source = (folder: string, host: HostEnvironment, options: Options) => Promise<string>;

const RELEASES = 'https://github.com/Shopify/toxiproxy/releases/download';
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server';
const TASK = `Toxiproxy ${TOXIPROXY_VERSION}`;
const ANSWER_WITHIN_MS = 10_000;
const BUILD_WITHIN_MS = 600_000;

/** The path of a server that runs. Throws `toxiproxy.missing` with what was tried. */
export async function ensureToxiproxy(host: HostEnvironment, options: Options): Promise<string> {
  const inPath = await findInPath('toxiproxy-server', host);
  if (inPath !== undefined) return inPath;
  const folder = await ensureFolder(join(cacheFolder(host), 'toxiproxy', TOXIPROXY_VERSION));
  const cached = await cachedServer(folder);
  if (cached !== undefined) return cached;
  const lock = { signal: options.signal };
  return withProcessLock(
    `${folder}.lock`,
    lock,
    async () => (await cachedServer(folder)) ?? (await obtain(folder, host, options)),
  );
}

async function obtain(folder: string, host: HostEnvironment, options: Options): Promise<string> {
  const tried: string[] = [];
  options.progress({ task: TASK, state: 'started' });
  for (const source of [fromRelease, fromGo]) {
    try {
      const program = await source(folder, host, options);
      const path = await install(program, folder);
      options.progress({ task: TASK, state: 'done' });
      return path;
    } catch (error) {
      options.signal.throwIfAborted();
      tried.push(messageOf(error));
    }
  }
  options.progress({ task: TASK, state: 'failed' });
  throw environmentError('toxiproxy.missing', `no Toxiproxy server: ${tried.join('; ')}`, {
    hint: `network faults need it: put toxiproxy-server ${TOXIPROXY_VERSION} in PATH, or install Go`,
  });
}

const serverPath = (folder: string): string => join(folder, 'toxiproxy-server');

/** The digest is written after the program is in place, so a half-finished or damaged one is made again. */
async function install(program: string, folder: string): Promise<string> {
  const path = serverPath(folder);
  try {
    await chmod(program, 0o755);
    await rename(program, path);
  } catch (error) {
    throw cacheError(folder, error);
  }
  await writeAtomically(`${path}.sha256`, await digestOf(path, 'sha256'));
  return path;
}

async function cachedServer(folder: string): Promise<string | undefined> {
  const path = serverPath(folder);
  const hex = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
  if (hex === undefined) return undefined;
  const digest = { algorithm: 'sha256', hex } as const;
  return (await isIntact({ url: path, path, digest, size: null })) ? path : undefined;
}

const fromRelease: Source = async (folder, host, { progress, signal }) => {
  const base = `${host.env['ORDEAL_TOXIPROXY_RELEASES'] ?? RELEASES}/v${TOXIPROXY_VERSION}`;
  const asset = `toxiproxy-server-${host.platform}-${arch() === 'x64' ? 'amd64' : arch()}`;
  progress({ task: TASK, state: 'advanced', detail: 'fetching the release' });
  const hex = digestIn(await readText(`${base}/checksums.txt`, signal), asset);
  const path = join(folder, asset);
  const digest = { algorithm: 'sha256', hex } as const;
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    progress({ task: TASK, state: 'advanced', done, unit: 'bytes' });
  };
  await fetchFile(
    { url: `${base}/${asset}`, path, digest, size: null },
    { signal, onBytes, attempts: 2 },
  );
  return path;
};

async function readText(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await response.text();
  } catch (cause) {
    const why = messageOf((cause as Error).cause ?? cause);
    throw new Error(`its release could not be fetched (${why})`, { cause });
  }
}

/** Lines of `DIGEST  NAME`. */
function digestIn(checksums: string, asset: string): string {
  const line = checksums.split('\n').find((one) => one.trim().endsWith(` ${asset}`));
  const [hex] = line?.trim().split(/\s+/) ?? [];
  if (hex === undefined) throw new Error(`its release has no ${asset}`);
  return hex;
}

const fromGo: Source = async (folder, host, { progress, signal }) => {
  const go = await findInPath('go', host);
  if (go === undefined) throw new Error('there is no Go to build it with');
  progress({ task: TASK, state: 'advanced', detail: 'building it with Go' });
  const bin = await mkdtemp(join(folder, 'build-'));
  try {
    await promisify(execFile)(go, ['install', `${MODULE}@v${TOXIPROXY_VERSION}`], {
      env: { ...childEnvironment(host), GOBIN: bin, CGO_ENABLED: '0' },
      signal,
      timeout: BUILD_WITHIN_MS,
      maxBuffer: 16 * 1024 * 1024,
    });
    const built = join(folder, 'built');
    await rename(join(bin, 'server'), built);
    return built;
  } catch (cause) {
    const last = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new Error(`building it with Go failed (${last || messageOf(cause)})`, { cause });
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
};

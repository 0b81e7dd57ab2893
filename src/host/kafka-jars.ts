/**
 * Kafka itself, as jars from a Maven repository: what a version consists of is in its committed lock file, made
 * by `.ci/lock-kafka-jars.mjs`. The files land below the cache folder and are checked at every start.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { environmentError, OrdealError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import { ensureFiles } from './download.ts';
import { cacheFolder, type HostEnvironment } from './environment.ts';
import type { RemoteFile } from './fetch-file.ts';

type LockedJar = {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  readonly sha512: string;
  readonly size: number;
};

export type KafkaJars = {
  readonly version: string;
  readonly folder: string;
  /** In the lock file's order, which class-data archives depend on. */
  readonly classpath: readonly string[];
};

const LOCK_NAME = /^kafka-(.+)\.lock\.json$/;

/** The Kafka versions that have a lock file. */
export const knownKafkaVersions = (): readonly string[] =>
  readdirSync(new URL('.', import.meta.url))
    .flatMap((name) => LOCK_NAME.exec(name)?.[1] ?? [])
    .sort();

export const kafkaFolder = (host: HostEnvironment, version: string): string =>
  join(cacheFolder(host), 'kafka', version);

/** Fetches what is missing or damaged. `version` must be a known one. */
export async function ensureKafkaJars(
  host: HostEnvironment,
  version: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<KafkaJars> {
  const folder = join(kafkaFolder(host, version), 'jars');
  const files = await Promise.all(
    readLock(version).map((jar) => remoteJar(jar, folder, host.env['ORDEAL_MAVEN_REPOSITORY'])),
  );
  try {
    await ensureFiles(files, {
      task: `Kafka ${version} jars`,
      lockFile: `${folder}.lock`,
      progress,
      signal,
    });
  } catch (error) {
    throw withMirrorHint(error);
  }
  return { version, folder, classpath: files.map(({ path }) => path) };
}

function readLock(version: string): readonly LockedJar[] {
  const url = new URL(`./kafka-${version}.lock.json`, import.meta.url);
  if (!existsSync(url)) throw new Error(`no lock file for Kafka ${version}`);
  return (JSON.parse(readFileSync(url, 'utf8')) as { jars: LockedJar[] }).jars;
}

async function remoteJar(
  jar: LockedJar,
  folder: string,
  repository: string | undefined,
): Promise<RemoteFile> {
  const base = repository ? `${repository.replace(/\/+$/, '')}/` : undefined;
  return {
    url: await artifactUrl(jar, base),
    path: join(folder, `${jar.artifactId}-${jar.version}.jar`),
    digest: { algorithm: 'sha512', hex: jar.sha512 },
    size: jar.size,
  };
}

/** A CommonJS package with its function under `default`, on which importers disagree; `require` has one answer. */
const { default: artifactUrl } = createRequire(import.meta.url)(
  'mvn-artifact-url',
) as typeof import('mvn-artifact-url');

function withMirrorHint(error: unknown): unknown {
  if (!(error instanceof OrdealError) || error.code !== 'download.failed') return error;
  return environmentError(error.code, error.message, {
    hint: 'check the network, or set ORDEAL_MAVEN_REPOSITORY to a mirror of Maven Central; what has arrived is kept',
    cause: error.cause,
  });
}

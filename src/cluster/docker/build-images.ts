/**
 * Our own images, for sites that cannot pull the official ones: built on the engine from any Debian base with a
 * Java runtime, out of `docker/` and what the local provider runs too (Kafka's jars, the Toxiproxy server).
 */
import { copyFile, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../host/engine.ts';
import type { HostEnvironment } from '../../host/environment.ts';
import { ensureKafkaJars } from '../../host/kafka-jars.ts';
import { TEMPORARY_PREFIX } from '../../host/run-state.ts';
import { ensureToxiproxy, TOXIPROXY_VERSION } from '../../host/toxiproxy.ts';
import { environmentError, OrdealError } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import { engineMessages, engineWords } from './engine-messages.ts';
import { builtImages, ensureImage, findImage, type Image } from './images.ts';

export type BuildOptions = {
  /** A Debian-like image with Java 17 or newer. */
  readonly base: string;
  /** A Kafka version that has a lock file. */
  readonly kafka: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/** Image sources, beside the program. */
const SOURCES = fileURLToPath(new URL('../../../docker/', import.meta.url));
const OUTPUT_LINES = 12;
const BASE_HINT =
  'choose with --base IMAGE one that is here (docker images): Debian or like it, with a Java 17+ runtime in it';

/** Kafka's image and Toxiproxy's, tagged as `builtImages` says. Throws `image.unavailable` or `image.build`. */
export async function buildImages(
  engine: Engine,
  host: HostEnvironment,
  options: BuildOptions,
): Promise<readonly Image[]> {
  const { base, kafka, progress, signal } = options;
  await ensureBase(engine, options);
  const names = builtImages(kafka);
  const jars = await ensureKafkaJars(host, kafka, { progress, signal });
  const server = await ensureToxiproxy(host, { progress, signal });
  const toxiproxy = await build(engine, options, {
    tag: names.toxiproxy,
    source: 'toxiproxy',
    buildargs: { BASE: base, TOXIPROXY: TOXIPROXY_VERSION },
    add: (context) => copyFile(server, join(context, 'toxiproxy')),
  });
  const broker = await build(engine, options, {
    tag: names.kafka,
    source: 'kafka',
    buildargs: { BASE: base, KAFKA: kafka },
    add: (context) => copyAll(jars.classpath, join(context, 'libs')),
  });
  return [broker, toxiproxy];
}

async function ensureBase(engine: Engine, { base, progress, signal }: BuildOptions): Promise<void> {
  try {
    await ensureImage(engine, base, { progress, signal });
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    throw environmentError(error.code, error.message, { hint: BASE_HINT, cause: error.cause });
  }
}

type Build = {
  readonly tag: string;
  /** The folder in `docker/`. */
  readonly source: string;
  readonly buildargs: Readonly<Record<string, string>>;
  /** Puts into the context what is not in the source folder. */
  readonly add: (context: string) => Promise<void>;
};

async function build(
  engine: Engine,
  { progress, signal }: BuildOptions,
  { tag, source, buildargs, add }: Build,
): Promise<Image> {
  const task = `Image ${tag}`;
  progress({ task, state: 'started' });
  const context = await mkdtemp(join(tmpdir(), TEMPORARY_PREFIX));
  const output: string[] = [];
  try {
    await cp(join(SOURCES, source), context, { recursive: true });
    await add(context);
    const stream = await engine.buildImage(
      { context, src: await readdir(context) },
      { t: tag, buildargs, forcerm: true, abortSignal: signal },
    );
    for await (const message of engineMessages(stream, signal)) {
      if (message.error !== undefined) throw new Error(message.error);
      const line = message.stream?.trim();
      if (!line) continue;
      output.push(line);
      progress({ task, state: 'advanced', ...stepOf(line) });
    }
  } catch (cause) {
    progress({ task, state: 'failed' });
    signal.throwIfAborted();
    throw failed(tag, cause, output);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  const image = await findImage(engine, tag);
  if (image === null)
    throw failed(tag, new Error('the engine built it and does not have it'), output);
  progress({ task, state: 'done' });
  return image;
}

/** `Step 3/15 : RUN …` as progress. */
function stepOf(line: string): { readonly done?: number; readonly total?: number } {
  const [, done, total] = /^Step (\d+)\/(\d+) /.exec(line) ?? [];
  return done === undefined ? {} : { done: Number(done), total: Number(total) };
}

async function copyAll(files: readonly string[], folder: string): Promise<void> {
  await mkdir(folder);
  await Promise.all(files.map((file) => copyFile(file, join(folder, basename(file)))));
}

const failed = (tag: string, cause: unknown, output: readonly string[]) =>
  environmentError(
    'image.build',
    [
      `building the image ${tag} failed: ${engineWords(cause)}`,
      ...output.slice(-OUTPUT_LINES),
    ].join('\n  '),
    { hint: BASE_HINT, cause },
  );

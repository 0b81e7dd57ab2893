/** The images that containers run: which ones, whether the engine has them, and pulling those it has not. */
import type { Engine } from '../../host/engine.ts';
import type { HostEnvironment } from '../../host/environment.ts';
import { TOXIPROXY_VERSION } from '../../host/toxiproxy.ts';
import { environmentError } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import type { ClusterSpec } from '../../scenario/scenario.ts';
import { type EngineMessage, engineMessages, engineWords } from './engine-messages.ts';

export type Image = {
  readonly reference: string;
  /** Its configuration's digest: names the same bytes on any engine that has it. */
  readonly id: string;
  /** The registry's digest; null for an image that was built here. */
  readonly digest: string | null;
};

export type ImageNames = { readonly kafka: string; readonly toxiproxy: string };

/** What of a scenario decides about its images. */
type Wanted = { readonly cluster: Pick<ClusterSpec, 'kafka' | 'images'> };

type Pull = { readonly progress: Progress; readonly signal: AbortSignal };

const officialImages = (kafka: string): ImageNames => ({
  kafka: `apache/kafka:${kafka}`,
  toxiproxy: `ghcr.io/shopify/toxiproxy:${TOXIPROXY_VERSION}`,
});

/** What `ordeal image build` calls its images. */
export const builtImages = (kafka: string): ImageNames => ({
  kafka: `ordeal/kafka:${kafka}`,
  toxiproxy: `ordeal/toxiproxy:${TOXIPROXY_VERSION}`,
});

/** The scenario's, else the environment's, else the official ones; ours where only those are there. */
export async function chooseImages(
  engine: Engine,
  { cluster }: Wanted,
  { env }: HostEnvironment,
): Promise<ImageNames> {
  const official = officialImages(cluster.kafka);
  const built = builtImages(cluster.kafka);
  const present = async (usual: string, ours: string): Promise<string> =>
    (await findImage(engine, usual)) === null && (await findImage(engine, ours)) !== null
      ? ours
      : usual;
  const [kafka, toxiproxy] = await Promise.all([
    cluster.images?.kafka || env['ORDEAL_KAFKA_IMAGE'] || present(official.kafka, built.kafka),
    cluster.images?.toxiproxy ||
      env['ORDEAL_TOXIPROXY_IMAGE'] ||
      present(official.toxiproxy, built.toxiproxy),
  ]);
  return { kafka, toxiproxy };
}

/**
 * Those of the scenario's images that the engine has not got. With `pull` they are fetched instead, so that none is
 * left. Throws `image.unavailable`.
 */
export async function imagesFor(
  engine: Engine,
  scenario: Wanted,
  host: HostEnvironment,
  pull?: Pull,
): Promise<readonly string[]> {
  const { kafka, toxiproxy } = await chooseImages(engine, scenario, host);
  const missing: string[] = [];
  for (const reference of [kafka, toxiproxy]) {
    if (pull !== undefined) await ensureImage(engine, reference, pull);
    else if ((await findImage(engine, reference)) === null) missing.push(reference);
  }
  return missing;
}

/** Null when the engine has no such image. */
export async function findImage(engine: Engine, reference: string): Promise<Image | null> {
  try {
    const { Id, RepoDigests } = await engine.getImage(reference).inspect();
    return { reference, id: Id, digest: RepoDigests?.[0]?.split('@')[1] ?? null };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null;
    throw error;
  }
}

/**
 * The image, pulled when it is missing. Throws `image.unavailable`, which says what else can be done, or
 * `image.interrupted`.
 */
export async function ensureImage(engine: Engine, reference: string, pull: Pull): Promise<Image> {
  const present = await findImage(engine, reference);
  if (present !== null) return present;
  const task = `Image ${reference}`;
  pull.progress({ task, state: 'started' });
  try {
    await pullImage(engine, reference, task, pull);
    const pulled = await findImage(engine, reference);
    if (pulled === null) throw new Error('the engine pulled it and does not have it');
    pull.progress({ task, state: 'done' });
    return pulled;
  } catch (cause) {
    pull.progress({ task, state: 'failed' });
    throw pull.signal.aborted ? interrupted(reference, cause) : unavailable(reference, cause);
  }
}

async function pullImage(
  engine: Engine,
  reference: string,
  task: string,
  { progress, signal }: Pull,
): Promise<void> {
  const stream = await engine.pull(reference, { abortSignal: signal });
  const layers = new Map<string, { readonly done: number; readonly total: number }>();
  for await (const message of engineMessages(stream, signal)) {
    if (message.error !== undefined) throw new Error(message.error);
    if (countLayer(layers, message)) {
      const sizes = [...layers.values()];
      const done = sizes.reduce((sum, layer) => sum + layer.done, 0);
      const total = sizes.reduce((sum, layer) => sum + layer.total, 0);
      progress({ task, state: 'advanced', done, total, unit: 'bytes' });
    }
  }
}

/** Unpacking counts the same bytes again, so only downloading is told. */
function countLayer(
  layers: Map<string, { readonly done: number; readonly total: number }>,
  { id, status, progressDetail }: EngineMessage,
): boolean {
  const { current, total } = progressDetail ?? {};
  if (id === undefined || status !== 'Downloading' || current === undefined || total === undefined)
    return false;
  layers.set(id, { done: current, total });
  return true;
}

const interrupted = (reference: string, cause: unknown) =>
  environmentError('image.interrupted', `the image ${reference} was not pulled to its end`, {
    cause,
  });

const unavailable = (reference: string, cause: unknown) =>
  environmentError(
    'image.unavailable',
    `the image ${reference} is not here and cannot be pulled: ${engineWords(cause)}`,
    {
      hint:
        'build it from an image that is here: ordeal image build --base IMAGE; or name another with cluster.images, ' +
        'ORDEAL_KAFKA_IMAGE or ORDEAL_TOXIPROXY_IMAGE; or run without Docker: --provider local',
      cause,
    },
  );

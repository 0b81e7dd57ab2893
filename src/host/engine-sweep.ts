/** Removing from an engine whatever carries a label: containers with their volumes, then networks and volumes. */
import { waitFor } from '../lib/deadline.ts';
import type { Engine } from './engine.ts';
import type { Labels } from './engine-labels.ts';

/** One container, network or volume. */
export type Labelled = {
  readonly kind: 'container' | 'network' | 'volume';
  readonly name: string;
  readonly labels: Labels;
  readonly remove: () => Promise<unknown>;
};

const GONE_WITHIN_MS = 30_000;

/** What carries the label; `filter` is `NAME` or `NAME=VALUE`. */
export async function findLabelled(engine: Engine, filter: string): Promise<readonly Labelled[]> {
  const filters = { label: [filter] };
  const [containers, networks, { Volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Id, Names, Labels }) => ({
      kind: 'container' as const,
      name: Names[0]?.replace(/^\//, '') ?? Id,
      labels: Labels,
      remove: () => engine.getContainer(Id).remove({ force: true, v: true }),
    })),
    ...networks.map(({ Id, Name, Labels }) => ({
      kind: 'network' as const,
      name: Name,
      labels: Labels ?? {},
      remove: () => engine.getNetwork(Id).remove(),
    })),
    // An engine without volumes says null.
    ...(Volumes ?? []).map(({ Name, Labels }) => ({
      kind: 'volume' as const,
      name: Name,
      labels: Labels ?? {},
      remove: () => engine.getVolume(Name).remove({ force: true }),
    })),
  ];
}

/**
 * Removes all of it, running or not, and resolves when it is gone, to what was there. Throws what the engine last
 * said when something stays for longer than half a minute, and at once when no engine answers.
 */
export async function removeLabelled(engine: Engine, filter: string): Promise<readonly Labelled[]> {
  const seen = new Map<string, Labelled>();
  let refusal: unknown;
  try {
    await waitFor(
      `what is labelled ${filter} to go`,
      async () => {
        const found = await findLabelled(engine, filter);
        for (const thing of found) seen.set(`${thing.kind} ${thing.name}`, thing);
        refusal = (await removeAll(found)) ?? refusal;
        return found.length === 0;
      },
      { timeoutMs: GONE_WITHIN_MS },
    );
  } catch (error) {
    throw refusal ?? error;
  }
  return [...seen.values()];
}

/** All at once, what others use last. Returns a refusal: the next look shows whether it still matters. */
async function removeAll(things: readonly Labelled[]): Promise<unknown> {
  const containers = things.filter(({ kind }) => kind === 'container');
  const others = things.filter(({ kind }) => kind !== 'container');
  return (await refusalOf(containers)) ?? (await refusalOf(others));
}

async function refusalOf(things: readonly Labelled[]): Promise<unknown> {
  const results = await Promise.allSettled(things.map(({ remove }) => remove()));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  // Without an answer there is no engine, and nothing to wait for.
  const unanswered = errors.find((error) => statusOf(error) === undefined);
  if (unanswered !== undefined) throw unanswered;
  return errors.find((error) => statusOf(error) !== 404);
}

const statusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number }).statusCode;

/** What the faults on processes share: which processes a place means now, what is done to each, and undone again. */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { BrokerWhere } from '../scenario/scenario.ts';
import type { ProcessWhere } from '../scenario/worker-fault.ts';
import { type Arena, describeNodes, type Effect, type Injection } from './arena.ts';
import { type HasProcess, type Hit, nodesOf, runningOf } from './process.ts';

type EffectOn<T extends HasProcess> = {
  readonly begin: (one: T) => Promise<void>;
  /** Looks at those that were running when the fault began. */
  readonly probe: (hit: readonly Hit<T>[]) => Promise<Effect>;
  readonly end: (one: T) => Promise<void>;
};

export type NodeEffect = EffectOn<ClusterNode>;

/** Throws when none of the nodes was running: a fault on nothing proves nothing. */
export async function injectOnNodes(
  where: BrokerWhere,
  effect: NodeEffect,
  arena: Arena,
): Promise<Injection> {
  const ids = await arena.resolve(where);
  const nameOf = (nodes: readonly ClusterNode[]) => describeNodes(nodes.map(({ id }) => id));
  return injectOn(nodesOf(arena, ids), nameOf, effect);
}

/** Brokers, or workers of a load. */
export async function injectOnProcesses(
  where: ProcessWhere,
  effect: EffectOn<HasProcess>,
  arena: Arena,
): Promise<Injection> {
  return where.kind === 'load'
    ? injectOn(arena.workers(where), describeWorkers, effect)
    : injectOnNodes(where, effect, arena);
}

export const describeWorkers = (workers: readonly { readonly name: string }[]): string =>
  workers.map(({ name }) => name).join(', ');

async function injectOn<T extends HasProcess>(
  all: readonly T[],
  nameOf: (some: readonly T[]) => string,
  { begin, probe, end }: EffectOn<T>,
): Promise<Injection> {
  const hit = await runningOf(all);
  const targets = hit.map(({ node }) => node);
  if (hit.length === 0) throw new Error(`${nameOf(all)} was not running`);
  await beginAll(targets, begin, end);
  return {
    target: nameOf(targets),
    probe: () => probe(hit),
    heal: async () => {
      await Promise.all(targets.map(end));
    },
  };
}

/** All or none: where one could not be hit, the others are let go again. */
async function beginAll<T extends HasProcess>(
  targets: readonly T[],
  begin: EffectOn<T>['begin'],
  end: EffectOn<T>['end'],
): Promise<void> {
  const begun = await Promise.allSettled(targets.map(begin));
  const refused = begun.find(({ status }) => status === 'rejected');
  if (refused === undefined) return;
  await Promise.allSettled(targets.filter((_, i) => begun[i]?.status === 'fulfilled').map(end));
  throw (refused as PromiseRejectedResult).reason;
}

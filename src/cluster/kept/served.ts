/** The keeper's side of a run's use of its cluster: every call of the run, done on the cluster that the provider raised. */
import type { HealLinks, Link, LinkEffect } from '../../links/links.ts';
import type { ClusterNode, NodeContainer, RunningCluster } from '../cluster.ts';
import type { Handler } from './channel.ts';
import { statesOf } from './snapshot.ts';

/** Every answer of a node carries the states of all, for the run's mirror of them. */
export const handlersFor = (cluster: RunningCluster): ReadonlyMap<string, Handler> =>
  new Map([...nodeHandlers(cluster), ...containerHandlers(cluster), ...linkHandlers(cluster)]);

type NodeWork = (node: ClusterNode, args: readonly unknown[], signal: AbortSignal) => unknown;

const NODE_WORK: Readonly<Record<string, NodeWork>> = {
  look: (node) => node.look(),
  kill: (node) => node.kill(),
  stop: (node, [graceMs]) => node.stop((graceMs ?? undefined) as number | undefined),
  start: (node, _, signal) => node.start(signal),
  pause: (node) => node.pause(),
  resume: (node) => node.resume(),
};

type ContainerWork = (
  container: NodeContainer,
  args: readonly unknown[],
  signal: AbortSignal,
) => unknown;

const CONTAINER_WORK: Readonly<Record<string, ContainerWork>> = {
  inspect: (container) => container.inspect(),
  expectEnd: (container) => container.expectEnd(),
  exec: (container, [where, command], signal) =>
    container.exec(where as 'node' | 'pod', command as readonly string[], signal),
  recreate: (container, [disk]) => container.recreate(disk as 'same' | 'empty'),
  limitCpus: (container, [cpus]) => container.limitCpus(cpus as number | null),
  disconnect: (container) => container.disconnect(),
  connect: (container) => container.connect(),
};

const nodeHandlers = (cluster: RunningCluster): readonly [string, Handler][] =>
  Object.entries(NODE_WORK).map(([name, work]) => [
    `node.${name}`,
    async ([id, ...args], signal) => {
      const value = await work(nodeOf(cluster, id), args, signal);
      return { value, states: statesOf(cluster) };
    },
  ]);

const containerHandlers = (cluster: RunningCluster): readonly [string, Handler][] =>
  Object.entries(CONTAINER_WORK).map(([name, work]) => [
    `container.${name}`,
    async ([id, ...args], signal) => {
      const { container } = nodeOf(cluster, id);
      if (container === null) throw new Error(`node ${id} runs in no container`);
      const value = await work(container, args, signal);
      return { value, states: statesOf(cluster) };
    },
  ]);

/** Heals are remembered until the run is over: each may be called again. */
function linkHandlers({ links }: RunningCluster): readonly [string, Handler][] {
  const heals: HealLinks[] = [];
  return [
    [
      'links.apply',
      async ([on, effect]) => {
        const heal = await links.apply(on as readonly Link[], effect as LinkEffect);
        return heals.push(heal) - 1;
      },
    ],
    ['links.heal', async ([handle]) => heals[handle as number]?.()],
    [
      'links.probe',
      ([link, timeoutMs, requests]) =>
        links.probe(
          link as Link,
          timeoutMs as number,
          (requests ?? undefined) as number | undefined,
        ),
    ],
    ['links.healAll', () => links.healAll()],
  ];
}

function nodeOf({ nodes }: RunningCluster, id: unknown): ClusterNode {
  const node = nodes.get(id as number);
  if (node === undefined) throw new Error(`there is no node ${id}`);
  return node;
}

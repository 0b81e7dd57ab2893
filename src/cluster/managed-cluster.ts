/** The last steps to a running cluster, the same for every provider that runs the brokers itself. */
import type { Address } from '../lib/address.ts';
import type { Links } from '../links/links.ts';
import type { ClusterSpec } from '../scenario/scenario.ts';
import { CLUSTER_ID, nodeConfig, type PlacedNode } from './broker-config.ts';
import { type CleanUp, undo } from './clean-up.ts';
import type { ClusterContext, ClusterFacts, ClusterNode, RunningCluster } from './cluster.ts';
import { hasRole } from './nodes.ts';
import { awaitReady } from './readiness.ts';
import { startNodes } from './start-nodes.ts';

export type ManagedCluster = {
  readonly provider: 'local' | 'docker';
  readonly cluster: ClusterSpec;
  readonly placed: readonly PlacedNode[];
  /** Not started yet. */
  readonly nodes: readonly ClusterNode[];
  readonly links: Links;
  /** `performance.now()` when the provider began, downloads aside. */
  readonly startedAt: number;
  readonly containers: ClusterFacts['containers'];
  /** Asked once the nodes run. */
  readonly java: () => Promise<string | null>;
};

/** Everything is up, registered and led; disposing of it undoes all that `cleanUp` knows. */
export async function startManaged(
  managed: ManagedCluster,
  context: ClusterContext,
  cleanUp: CleanUp,
): Promise<RunningCluster> {
  const { provider, placed, nodes, links } = managed;
  cleanUp.defer(() => Promise.all(nodes.map((node) => node.kill())));
  await startNodes(nodes, context);
  const brokers = placed.filter((node) => hasRole(node, 'broker'));
  const harness = brokers.map(({ ports }) => loopback(ports.HARNESS));
  const { signal } = context;
  const finalizedFeatures = await awaitReady({ harness, brokers: brokers.length, signal });
  const readyMs = Math.round(performance.now() - managed.startedAt);
  return {
    provider,
    nodes: new Map(nodes.map((node) => [node.id, node])),
    bootstrap: brokers.map(({ advertisedClientPort }) => loopback(advertisedClientPort)),
    harness,
    connection: {},
    links,
    facts: { ...(await factsOf(managed)), finalizedFeatures, readyMs },
    [Symbol.asyncDispose]: () => undo(cleanUp, context),
  };
}

const factsOf = async ({ provider, cluster, placed, containers, java }: ManagedCluster) => ({
  provider,
  kafka: cluster.kafka,
  clusterId: CLUSTER_ID,
  java: await java(),
  jvm: cluster.jvm,
  nodeConfig: Object.fromEntries(
    placed.map((node) => [node.id, nodeConfig(cluster, node, placed)]),
  ),
  containers,
});

/** Where this machine finds a port that a node listens on or publishes. */
export const loopback = (port: number | null | undefined): Address => ({
  host: '127.0.0.1',
  port: port as number,
});

/** What a run is told of a kept cluster when it gets it: all that does not change while it has it. */
import type { Link } from '../../links/links.ts';
import type {
  ClusterFacts,
  ClusterNode,
  NodeContainer,
  NodeEvent,
  NodeState,
  RunningCluster,
} from '../cluster.ts';

export type Started = Extract<NodeEvent, { readonly type: 'started' }>;

export type NodeStates = readonly (readonly [number, NodeState])[];

export type Snapshot = Pick<RunningCluster, 'provider' | 'bootstrap' | 'harness' | 'connection'> & {
  readonly facts: ClusterFacts;
  readonly proxied: readonly Link[];
  readonly nodes: readonly (Pick<ClusterNode, 'id' | 'roles' | 'dataDir'> & {
    readonly addresses: NodeContainer['addresses'] | null;
  })[];
  readonly states: NodeStates;
  /** The last start of each node, which was before the run. */
  readonly started: readonly Started[];
  /** How many runs had it since it was raised. */
  readonly usedBefore: number;
};

export function snapshotOf(
  cluster: RunningCluster,
  past: Pick<Snapshot, 'started' | 'usedBefore'>,
): Snapshot {
  const { provider, bootstrap, harness, connection, facts, links } = cluster;
  const nodes = [...cluster.nodes.values()];
  return {
    ...{ provider, bootstrap, harness, connection, facts },
    proxied: links.proxied,
    nodes: nodes.map(({ id, roles, dataDir, container }) => ({
      ...{ id, roles, dataDir },
      addresses: container?.addresses ?? null,
    })),
    states: statesOf(cluster),
    ...past,
  };
}

export const statesOf = ({ nodes }: RunningCluster): NodeStates =>
  [...nodes.values()].map(({ id, state }) => [id, state]);

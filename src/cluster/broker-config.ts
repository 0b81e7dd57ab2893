/**
 * The settings of each node, as a pure function of the scenario and of where its listeners are. Four listeners:
 * CLIENT, BROKER, CONTROLLER, and HARNESS, which no fault ever touches.
 */
import type { ClusterSpec, KafkaConfig } from '../scenario/scenario.ts';
import { hasRole, type PlannedNode } from './nodes.ts';

export type ListenerName = 'CLIENT' | 'BROKER' | 'CONTROLLER' | 'HARNESS';

/** A node and where it listens. */
export type PlacedNode = PlannedNode & {
  /** What its listeners are bound to: an address of its own world, never 0.0.0.0. */
  readonly host: string;
  readonly dataDir: string;
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>;
  /** What clients are told to dial on 127.0.0.1: the CLIENT port, or that of the proxy before it. */
  readonly advertisedClientPort: number | null;
};

/** One for all clusters of ours: they share nothing, and a fixed one makes runs easier to compare. */
export const CLUSTER_ID = 'b3JkZWFsLW9uLXRyaWFsLQ';

/** Where clients and the harness find every node. */
const LOOPBACK = '127.0.0.1';

/** Settings that the cluster's shape decides; `cluster.config` may not name them. */
const OWNED = new Set([
  'advertised.listeners',
  'broker.id',
  'controller.listener.names',
  'controller.quorum.bootstrap.servers',
  'controller.quorum.voters',
  'early.start.listeners',
  'inter.broker.listener.name',
  'listener.security.protocol.map',
  'listeners',
  'log.dir',
  'log.dirs',
  'metadata.log.dir',
  'node.id',
  'process.roles',
  'security.inter.broker.protocol',
]);

export const isOwnedSetting = (name: string): boolean =>
  OWNED.has(name) || name.startsWith('listener.name.');

export const listenersOf = (node: PlannedNode): readonly ListenerName[] => [
  ...(hasRole(node, 'broker') ? (['CLIENT', 'BROKER', 'HARNESS'] as const) : []),
  ...(hasRole(node, 'controller') ? (['CONTROLLER'] as const) : []),
];

/**
 * The name that peers dial a listener by. BROKER and CONTROLLER have names of their own, so that each of a pair's
 * links can lead through a proxy while the other does not.
 */
export const peerName = (listener: 'BROKER' | 'CONTROLLER', id: number): string =>
  `${listener.toLowerCase()}-${id}`;

/** What a node is started with: small-cluster defaults, then the user's settings, then ours. */
export function nodeConfig(
  { brokers, config }: Pick<ClusterSpec, 'brokers' | 'config'>,
  node: PlacedNode,
  nodes: readonly PlacedNode[],
): KafkaConfig {
  return {
    ...smallClusterDefaults(brokers),
    ...config,
    ...ownedSettings(node, nodes),
  };
}

/** Only where Kafka's own defaults need more brokers than there are, or make every group wait for nothing. */
function smallClusterDefaults(brokers: number): KafkaConfig {
  const replicas = String(Math.min(3, brokers));
  const minIsr = String(Math.min(2, brokers));
  return {
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minIsr,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minIsr,
    'group.initial.rebalance.delay.ms': '0',
  };
}

function ownedSettings(node: PlacedNode, nodes: readonly PlacedNode[]): KafkaConfig {
  const listeners = listenersOf(node);
  const voters = nodes.filter((one) => hasRole(one, 'controller'));
  return {
    'node.id': String(node.id),
    'process.roles': node.roles.join(','),
    listeners: listeners.map((name) => `${name}://${node.host}:${node.ports[name]}`).join(','),
    'advertised.listeners': listeners
      .map((name) => `${name}://${advertised(name, node)}`)
      .join(','),
    'listener.security.protocol.map':
      'CLIENT:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,HARNESS:PLAINTEXT',
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': voters
      .map(({ id, ports }) => `${id}@${peerName('CONTROLLER', id)}:${ports.CONTROLLER}`)
      .join(','),
    'log.dirs': node.dataDir,
  };
}

function advertised(
  listener: ListenerName,
  { id, ports, advertisedClientPort }: PlacedNode,
): string {
  if (listener === 'CLIENT') return `${LOOPBACK}:${advertisedClientPort}`;
  const host = listener === 'HARNESS' ? LOOPBACK : peerName(listener, id);
  return `${host}:${ports[listener]}`;
}

/** In Java's properties format, where backslashes and non-ASCII text need escaping. */
export const propertiesText = (config: KafkaConfig): string =>
  Object.entries(config)
    .map(([name, value]) => `${escaped(name).replace(/[=: ]/g, '\\$&')}=${escaped(value)}\n`)
    .join('');

const escaped = (text: string): string =>
  text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/^ /, '\\ ')
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

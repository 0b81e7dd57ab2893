/**
 * What the engine is asked for, as pure functions of the plan: a pod per node, which owns the network, the published
 * ports and the proxies (as a Kubernetes pause container does), and the node's container, which joins it. So
 * addresses and ports stay when a node is killed or made anew.
 */
import type { Engine } from '../../host/engine.ts';
import { describeLink, type Link } from '../../links/links.ts';
import type { LinkRoute } from '../../links/toxiproxy.ts';
import type { ClusterSpec, KafkaConfig } from '../../scenario/scenario.ts';
import { CLUSTER_ID, type PlacedNode } from '../broker-config.ts';
import { heapFlags, performanceFlags } from '../jvm-flags.ts';
import { nodeName } from '../nodes.ts';
import type { HostEntry } from '../placement.ts';
import type { RunResources } from './resources.ts';

export type ContainerSpec = Parameters<Engine['createContainer']>[0];

/** Where a node's disk is, in its own container and in its pod. */
export const DATA_DIR = '/var/lib/kafka/data';
/** Where Toxiproxy is asked, inside a pod. */
export const PROXY_API_PORT = 8474;

const LOOPBACK = '127.0.0.1';
const BILLION = 1e9;

/** A node and the ports of this machine that lead into its pod. */
export type PodNode = PlacedNode & {
  /** To the pod's Toxiproxy. */
  readonly apiPort: number;
  /** To the links that this node dials, by `describeLink`: the harness probes them from outside. */
  readonly entryPorts: Readonly<Record<string, number>>;
};

/** The links that a node dials through proxies of its own pod. */
export const dialledBy = (id: number, proxied: readonly Link[]): readonly Link[] =>
  proxied.filter(({ from }) => from === id);

/** How many ports of this machine `podNode` needs. */
export const podPortsNeeded = (id: number, proxied: readonly Link[]): number =>
  1 + dialledBy(id, proxied).length;

export function podNode(
  node: PlacedNode,
  proxied: readonly Link[],
  ports: readonly number[],
): PodNode {
  const [apiPort, ...entries] = ports;
  const links = dialledBy(node.id, proxied);
  const entryPorts = links.map((link, i) => [describeLink(link), entries[i] as number] as const);
  return { ...node, apiPort: apiPort as number, entryPorts: Object.fromEntries(entryPorts) };
}

/** The pod whose Toxiproxy carries a link: clients dial the owner's, brokers their own. */
export const proxyNodeOf = ({ from, to }: Link): number => (from === 'clients' ? to : from);

/** Adds how the harness gets into the proxy. */
export function withEntry(route: LinkRoute, nodes: readonly PodNode[]): LinkRoute {
  const { link, listen } = route;
  if (link.from === 'clients') return { ...route, entry: { dial: { ...listen, host: LOOPBACK } } };
  const pod = nodes.find(({ id }) => id === link.from) as PodNode;
  const port = pod.entryPorts[describeLink(link)] as number;
  const through = { host: pod.host, port };
  return { ...route, entry: { dial: { host: LOOPBACK, port }, through } };
}

export const volumeName = ({ prefix }: RunResources, { id }: PlacedNode): string =>
  `${prefix}-data-${id}`;

const diskOf = (run: RunResources, node: PlacedNode) => ({
  Type: 'volume' as const,
  Source: volumeName(run, node),
  Target: DATA_DIR,
});

export type PodOptions = {
  readonly run: RunResources;
  readonly network: string;
  readonly image: string;
  readonly hosts: readonly HostEntry[];
  /** Needed to drop packets, and for nothing else. */
  readonly netAdmin: boolean;
};

/** Holds the node's disk too, so that one in memory is not emptied when the node stops. */
export function podSpec(
  node: PodNode,
  { run, network, image, hosts, netAdmin }: PodOptions,
): ContainerSpec {
  const published = publishedPorts(node);
  return {
    name: `${run.prefix}-pod-${node.id}`,
    Image: image,
    Labels: run.labels,
    Hostname: nodeName(node),
    Cmd: ['-host', node.host, '-port', String(PROXY_API_PORT)],
    ExposedPorts: Object.fromEntries(published.map(({ inside }) => [`${inside}/tcp`, {}])),
    HostConfig: {
      NetworkMode: network,
      PortBindings: Object.fromEntries(
        published.map(({ inside, outside }) => [
          `${inside}/tcp`,
          [{ HostIp: LOOPBACK, HostPort: String(outside) }],
        ]),
      ),
      ExtraHosts: hosts.map(({ address, name }) => `${name}:${address}`),
      Mounts: [diskOf(run, node)],
      ...(netAdmin ? { CapAdd: ['NET_ADMIN'] } : {}),
    },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: node.host } } },
    },
  };
}

type Published = { readonly inside: number; readonly outside: number };

/** Ports have the same number inside, so that what a broker advertises is true outside. */
function publishedPorts({
  ports,
  advertisedClientPort,
  apiPort,
  entryPorts,
}: PodNode): Published[] {
  const same = [ports.HARNESS, advertisedClientPort, ...Object.values(entryPorts)];
  return [
    { inside: PROXY_API_PORT, outside: apiPort },
    ...same.flatMap((port) => (port == null ? [] : [{ inside: port, outside: port }])),
  ];
}

export type NodeOptions = {
  readonly run: RunResources;
  readonly pod: string;
  readonly image: string;
  readonly cluster: Pick<ClusterSpec, 'heapBytes' | 'jvm' | 'cpus' | 'memoryBytes'>;
  readonly config: KafkaConfig;
};

/** As root, because a volume belongs to root until somebody says otherwise. */
export const nodeSpec = (
  node: PlacedNode,
  { run, pod, image, cluster, config }: NodeOptions,
): ContainerSpec => ({
  name: `${run.prefix}-${nodeName(node)}`,
  Image: image,
  Labels: run.labels,
  User: '0:0',
  Env: Object.entries(environmentOf(config, cluster)).map(([name, value]) => `${name}=${value}`),
  HostConfig: {
    NetworkMode: `container:${pod}`,
    Mounts: [diskOf(run, node)],
    ...(cluster.cpus === null ? {} : { NanoCpus: Math.round(cluster.cpus * BILLION) }),
    ...(cluster.memoryBytes === null ? {} : { Memory: cluster.memoryBytes }),
  },
});

/** The environment that Kafka's own images understand. */
export const environmentOf = (
  config: KafkaConfig,
  { heapBytes, jvm }: Pick<ClusterSpec, 'heapBytes' | 'jvm'>,
): Readonly<Record<string, string>> => ({
  CLUSTER_ID,
  KAFKA_HEAP_OPTS: heapFlags(heapBytes).join(' '),
  KAFKA_JVM_PERFORMANCE_OPTS: performanceFlags(jvm).join(' '),
  ...Object.fromEntries(
    Object.entries(config).map(([name, value]) => [variableOf(name), value] as const),
  ),
});

/** `log.dirs` is KAFKA_LOG_DIRS; an underscore is doubled and a dash tripled. */
export const variableOf = (setting: string): string =>
  `KAFKA_${setting.replace(/_/g, '__').replace(/-/g, '___').replace(/\./g, '_').toUpperCase()}`;

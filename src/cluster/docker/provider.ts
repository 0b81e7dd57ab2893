/** The docker provider: real brokers in containers, each beside a pod that keeps its address, ports and disk. */
import { join } from 'node:path';
import { type Engine, openEngine, type RunningEngine } from '../../host/engine.ts';
import { removeLabelled } from '../../host/engine-sweep.ts';
import type { HostEnvironment } from '../../host/environment.ts';
import { freePorts } from '../../host/ports.ts';
import { openReaper } from '../../host/reaper.ts';
import { environmentError, messageOf, type OrdealError } from '../../lib/errors.ts';
import type { Links } from '../../links/links.ts';
import { noLinks } from '../../links/no-links.ts';
import { openLinks } from '../../links/toxiproxy.ts';
import { nodeConfig } from '../broker-config.ts';
import { type CleanUp, undoneOnFailure } from '../clean-up.ts';
import type { ClusterContext, ClusterPlan, ClusterProvider, RunningCluster } from '../cluster.ts';
import { loopback, startManaged } from '../managed-cluster.ts';
import { nodeName, plannedNodes } from '../nodes.ts';
import { peerHosts, place, portsNeeded, routesOf } from '../placement.ts';
import {
  DATA_DIR,
  nodeSpec,
  type PodNode,
  podNode,
  podPortsNeeded,
  podSpec,
  proxyNodeOf,
  volumeName,
  withEntry,
} from './container-spec.ts';
import { DockerNode } from './docker-node.ts';
import { exitOf } from './ending.ts';
import { checkFaultTools } from './fault-tools.ts';
import { chooseImages, ensureImage, type Image } from './images.ts';
import { createNetwork, type RunNetwork } from './network.ts';
import { type RunResources, resourcesOf } from './resources.ts';

export const dockerProvider = (host: HostEnvironment): ClusterProvider => ({
  name: 'docker',
  start: (plan, context) =>
    undoneOnFailure(context, (cleanUp) => start(host, plan, context, cleanUp)),
});

type Images = { readonly kafka: Image; readonly toxiproxy: Image };

/** What every step of the start needs. */
type Setting = {
  readonly plan: ClusterPlan;
  readonly context: ClusterContext;
  readonly engine: Engine;
  readonly images: Images;
  readonly run: RunResources;
};

async function start(
  host: HostEnvironment,
  plan: ClusterPlan,
  context: ClusterContext,
  cleanUp: CleanUp,
): Promise<RunningCluster> {
  const running = await openEngine(host);
  const { engine, endpoint } = running;
  const images = await imagesFor(engine, host, plan, context);
  const name = `${context.runId}-${process.pid}`;
  const run = resourcesOf(name);
  const reaper = cleanUp.use(openReaper(host, name));
  const forget = reaper.watchEngine(endpoint, run.filter);
  cleanUp.defer(async () => {
    await removeAll(engine, run);
    forget();
  });
  const startedAt = performance.now();
  const setting: Setting = { plan, context, engine, images, run };
  const network = await createNetwork(engine, run);
  const placed = await placeNodes(plan, network);
  const pods = await startPods(placed, network, setting);
  cleanUp.defer(watchPods(pods, context));
  const links = cleanUp.use(await linksFor(placed, setting));
  const nodes = await createNodes(placed, pods, network, setting);
  const [first] = nodes;
  const cluster = await startManaged(
    {
      provider: 'docker',
      cluster: plan.scenario.cluster,
      placed,
      nodes,
      links,
      startedAt,
      containers: containerFacts(running, images, plan),
      java: () => javaOf(first, context.signal),
    },
    context,
    cleanUp,
  );
  if (first !== undefined) await checkFaultTools(first, plan.scenario.faults, context.signal);
  return cluster;
}

async function imagesFor(
  engine: Engine,
  host: HostEnvironment,
  { scenario }: ClusterPlan,
  { progress, signal }: ClusterContext,
): Promise<Images> {
  const chosen = await chooseImages(engine, scenario, host);
  const [kafka, toxiproxy] = await Promise.all([
    ensureImage(engine, chosen.kafka, { progress, signal }),
    ensureImage(engine, chosen.toxiproxy, { progress, signal }),
  ]);
  return { kafka, toxiproxy };
}

/** Which ports, addresses and proxies every node gets; nothing exists yet. */
async function placeNodes(
  { scenario, proxied }: ClusterPlan,
  network: RunNetwork,
): Promise<readonly PodNode[]> {
  const planned = plannedNodes(scenario);
  const ports = portsNeeded(planned, proxied);
  const podPorts = planned.map(({ id }) => podPortsNeeded(id, proxied));
  const free = await freePorts(podPorts.reduce((sum, count) => sum + count, ports));
  const placed = place(planned, proxied, free, ({ id }) => ({
    host: network.addressOf(id),
    dataDir: DATA_DIR,
  }));
  let next = ports;
  return placed.map((node, i) => {
    const own = free.slice(next, next + (podPorts[i] as number));
    next += own.length;
    return podNode(node, proxied, own);
  });
}

type Pods = ReadonlyMap<number, Awaited<ReturnType<Engine['createContainer']>>>;

/** Throws `docker.engine`. */
async function removeAll(engine: Engine, { filter, prefix }: RunResources): Promise<void> {
  try {
    await removeLabelled(engine, filter);
  } catch (cause) {
    throw environmentError(
      'docker.engine',
      `what is called ${prefix}-… on the Docker engine could not be removed: ${messageOf(cause)}`,
      { hint: 'ordeal clean removes it once the engine answers', cause },
    );
  }
}

/** A disk and a pod for every node. */
async function startPods(
  nodes: readonly PodNode[],
  network: RunNetwork,
  { plan, engine, images, run }: Setting,
): Promise<Pods> {
  const { cluster, faults } = plan.scenario;
  const netAdmin = faults.some(({ kind }) => kind === 'drop');
  const pods = nodes.map(async (node) => {
    await engine.createVolume({
      Name: volumeName(run, node),
      Labels: run.labels,
      Driver: 'local',
      ...(cluster.volume.kind === 'volume' ? {} : { DriverOpts: inMemory(cluster.volume.bytes) }),
    });
    const hosts = peerHosts(node, nodes, plan.proxied);
    const image = images.toxiproxy.id;
    const pod = await engine.createContainer(
      podSpec(node, { run, network: network.name, image, hosts, netAdmin }),
    );
    await pod.start();
    return [node.id, pod] as const;
  });
  return new Map(await allOrThrow(pods));
}

/** A pod is no part of Kafka: without it nothing is known. Returns how to stop watching. */
function watchPods(pods: Pods, { onFailure }: ClusterContext): () => Promise<void> {
  let watching = true;
  for (const [id, pod] of pods) {
    exitOf(pod).then(
      (status) => {
        if (watching) onFailure(podEnded(id, status));
      },
      (error: OrdealError) => {
        if (watching) onFailure(error);
      },
    );
  }
  return async () => {
    watching = false;
  };
}

const podEnded = (id: number, status: number): OrdealError =>
  environmentError(
    'docker.pod',
    `the pod of node ${id}, which holds its network, ports and proxies, ended by itself (exit code ${status})`,
    { hint: 'see what ended it (docker events, the memory of the machine), and run again' },
  );

const inMemory = (bytes: number) => ({ type: 'tmpfs', device: 'tmpfs', o: `size=${bytes}` });

async function linksFor(nodes: readonly PodNode[], { plan, context }: Setting): Promise<Links> {
  if (plan.proxied.length === 0) return noLinks();
  const routes = routesOf(plan.proxied, nodes).map((route) => withEntry(route, nodes));
  const servers = nodes.map(({ id, apiPort }) => ({
    api: loopback(apiPort),
    routes: routes.filter(({ link }) => proxyNodeOf(link) === id),
  }));
  return openLinks(
    servers.filter(({ routes }) => routes.length > 0),
    context.signal,
  );
}

async function createNodes(
  placed: readonly PodNode[],
  pods: Pods,
  network: RunNetwork,
  { plan, context, engine, images, run }: Setting,
): Promise<readonly DockerNode[]> {
  const { cluster } = plan.scenario;
  const nodes = placed.map((node) => {
    const pod = pods.get(node.id) as Awaited<ReturnType<Engine['createContainer']>>;
    const config = nodeConfig(cluster, node, placed);
    return DockerNode.create({
      engine,
      id: node.id,
      name: nodeName(node),
      roles: node.roles,
      spec: nodeSpec(node, { run, pod: pod.id, image: images.kafka.id, cluster, config }),
      pod,
      network: network.name,
      address: node.host,
      addresses: addressesOf(node),
      logFile: join(context.runFolder, 'logs', `${nodeName(node)}.log`),
      onNode: context.onNode,
      onFailure: context.onFailure,
    });
  });
  return allOrThrow(nodes);
}

/** Waits for all of them, so that nothing is still being made when the clean-up begins. */
async function allOrThrow<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** The first line of `java -version`. */
async function javaOf(node: DockerNode | undefined, signal: AbortSignal): Promise<string | null> {
  const said = await node?.exec('node', ['java', '-version'], signal);
  return said?.exitCode === 0 ? (said.output.split('\n')[0] ?? null) : null;
}

const containerFacts = (
  { product, version, apiVersion }: RunningEngine,
  images: Images,
  { scenario: { cluster } }: ClusterPlan,
) => ({
  engine: `${product} ${version} (API ${apiVersion})`,
  images,
  cpus: cluster.cpus,
  memoryBytes: cluster.memoryBytes,
  volume: cluster.volume,
});

/** Where peers and clients come in, on the run's network. */
const addressesOf = ({ host, ports, advertisedClientPort }: PodNode) =>
  Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      { host, port: name === 'CLIENT' ? (advertisedClientPort ?? port) : port },
    ]),
  );

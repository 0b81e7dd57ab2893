/** The local provider: real brokers as child processes of the harness. Needs Java, no Docker. */
import { join } from 'node:path';
import { childEnvironment, type HostEnvironment } from '../../host/environment.ts';
import { findJava, type Java } from '../../host/java.ts';
import { ensureKafkaJars, type KafkaJars } from '../../host/kafka-jars.ts';
import { freePorts } from '../../host/ports.ts';
import { openReaper, type Reaper } from '../../host/reaper.ts';
import { ensureToxiproxy } from '../../host/toxiproxy.ts';
import type { Links } from '../../links/links.ts';
import { noLinks } from '../../links/no-links.ts';
import { startLinks } from '../../links/toxiproxy.ts';
import type { KafkaConfig } from '../../scenario/scenario.ts';
import { nodeConfig, type PlacedNode } from '../broker-config.ts';
import { type CleanUp, undoneOnFailure } from '../clean-up.ts';
import type { ClusterContext, ClusterPlan, ClusterProvider, RunningCluster } from '../cluster.ts';
import { startManaged } from '../managed-cluster.ts';
import { nodeName, plannedNodes } from '../nodes.ts';
import { peerHosts, place, portsNeeded, routesOf } from '../placement.ts';
import { kafkaArguments } from './jvm.ts';
import { LocalNode } from './local-node.ts';
import { LOOPBACK, writeNodeFiles } from './node-files.ts';
import { type Prepared, prepare } from './prepare.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const localProvider = (host: HostEnvironment): ClusterProvider => ({
  name: 'local',
  start: (plan, context) =>
    undoneOnFailure(context, (cleanUp) => start(host, plan, context, cleanUp)),
});

/** What the machine has to offer before anything is started. */
type Tools = { readonly java: Java; readonly jars: KafkaJars; readonly toxiproxy: string | null };

async function findTools(
  host: HostEnvironment,
  { scenario, proxied }: ClusterPlan,
  { progress, signal }: ClusterContext,
): Promise<Tools> {
  // Java first: without it nothing is worth downloading.
  const java = await findJava(host);
  const [jars, toxiproxy] = await Promise.all([
    ensureKafkaJars(host, scenario.cluster.kafka, { progress, signal }),
    proxied.length === 0 ? null : ensureToxiproxy(host, { progress, signal }),
  ]);
  return { java, jars, toxiproxy };
}

async function start(
  host: HostEnvironment,
  plan: ClusterPlan,
  context: ClusterContext,
  cleanUp: CleanUp,
): Promise<RunningCluster> {
  const { scenario, proxied } = plan;
  const tools = await findTools(host, plan, context);
  const reaper = cleanUp.use(openReaper(host, `${context.runId}-${process.pid}`));
  const prepared = await prepare({ ...context, ...tools, host, reaper });
  const startedAt = performance.now();
  const folder = cleanUp.use(await temporaryFolder(reaper));
  const planned = plannedNodes(scenario);
  const ports = await freePorts(portsNeeded(planned, proxied));
  const placed = place(planned, proxied, ports, (node) => ({
    host: LOOPBACK,
    dataDir: join(folder.path, nodeName(node)),
  }));
  const links = cleanUp.use(await linksFor(host, plan, context, placed, tools, reaper));
  const setting: Setting = { host, plan, context, placed, tools, prepared, reaper };
  const nodes: LocalNode[] = [];
  for (const node of placed) {
    nodes.push(await makeNode(node, nodeConfig(scenario.cluster, node, placed), setting));
  }
  return startManaged(
    {
      provider: 'local',
      cluster: scenario.cluster,
      placed,
      nodes,
      links,
      startedAt,
      containers: null,
      java: async () => tools.java.version,
    },
    context,
    cleanUp,
  );
}

type Setting = {
  readonly host: HostEnvironment;
  readonly plan: ClusterPlan;
  readonly context: ClusterContext;
  readonly placed: readonly PlacedNode[];
  readonly tools: Tools;
  readonly prepared: Prepared;
  readonly reaper: Reaper;
};

async function makeNode(
  node: PlacedNode,
  config: KafkaConfig,
  { host, plan, context, placed, tools, prepared, reaper }: Setting,
): Promise<LocalNode> {
  const hosts = peerHosts(node, placed, plan.proxied);
  const files = await writeNodeFiles(node, config, hosts, prepared.checkpoint);
  const archive = prepared.archive === null ? null : { use: prepared.archive };
  const { heapBytes, jvm } = plan.scenario.cluster;
  return new LocalNode({
    id: node.id,
    roles: node.roles,
    dataDir: node.dataDir,
    name: nodeName(node),
    command: tools.java.path,
    args: kafkaArguments({ ...tools, heapBytes, jvm, files, archive }, files.properties),
    env: childEnvironment(host),
    logFile: join(context.runFolder, 'logs', `${nodeName(node)}.log`),
    reaper,
    onNode: context.onNode,
  });
}

async function linksFor(
  host: HostEnvironment,
  { proxied }: ClusterPlan,
  { runFolder, signal, onFailure }: ClusterContext,
  placed: readonly PlacedNode[],
  { toxiproxy }: Tools,
  reaper: Reaper,
): Promise<Links> {
  if (toxiproxy === null) return noLinks();
  return startLinks({
    routes: routesOf(proxied, placed),
    program: toxiproxy,
    env: childEnvironment(host),
    logFile: join(runFolder, 'logs', 'toxiproxy.log'),
    reaper,
    signal,
    onFailure,
  });
}

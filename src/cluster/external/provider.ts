/**
 * The external provider: a cluster that is there already. It is loaded and observed; what may be broken is the way of
 * ordeal's own clients to it, by proxies on this machine that nobody else passes through.
 */
import { join } from 'node:path';
import { childEnvironment, type HostEnvironment } from '../../host/environment.ts';
import { freePorts } from '../../host/ports.ts';
import { openReaper } from '../../host/reaper.ts';
import { ensureToxiproxy } from '../../host/toxiproxy.ts';
import type { Address } from '../../lib/address.ts';
import { OrdealError } from '../../lib/errors.ts';
import { NO_ROUTES, type RouteTable } from '../../lib/route.ts';
import type { Links } from '../../links/links.ts';
import { noLinks } from '../../links/no-links.ts';
import { startLinks } from '../../links/toxiproxy.ts';
import { type Admin, openAdmin } from '../../wire/admin.ts';
import { type CleanUp, undo, undoneOnFailure } from '../clean-up.ts';
import type { ClusterContext, ClusterPlan, ClusterProvider, RunningCluster } from '../cluster.ts';
import { ClientLinks } from './client-links.ts';
import { type LiveBroker, linksToProxy, placeProxies } from './paths.ts';

export const externalProvider = (host: HostEnvironment): ClusterProvider => ({
  name: 'external',
  start: (plan, context) =>
    undoneOnFailure(context, (cleanUp) => start(host, plan, context, cleanUp)),
});

async function start(
  host: HostEnvironment,
  plan: ClusterPlan,
  context: ClusterContext,
  cleanUp: CleanUp,
): Promise<RunningCluster> {
  const { bootstrap: servers, connection } = plan.scenario.cluster;
  const startedAt = performance.now();
  const bootstrap = servers.map(parseAddress);
  const { signal } = context;
  const admin = await openAdmin({ bootstrap, connection, clientId: 'ordeal-external', signal });
  cleanUp.defer(async () => admin.close());
  const { clusterId, brokers } = await liveBrokers(admin);
  const setting = { host, plan, context, cleanUp, admin, brokers, bootstrap };
  const { links, routes } = await clientLinks(setting);
  return {
    provider: 'external',
    nodes: new Map(),
    bootstrap,
    harness: bootstrap,
    connection,
    links,
    linkNodes: brokers,
    routes,
    facts: {
      provider: 'external',
      kafka: 'unknown',
      clusterId: clusterId ?? 'unknown',
      java: null,
      jvm: null,
      finalizedFeatures: await admin.features(),
      nodeConfig: {},
      readyMs: Math.round(performance.now() - startedAt),
      containers: null,
    },
    [Symbol.asyncDispose]: () => undo(cleanUp, context),
  };
}

/** A broker that votes in the quorum may be its controller; separate controllers have no listener for clients. */
async function liveBrokers(admin: Admin) {
  const { clusterId, brokers } = await admin.metadata([]);
  const voters = await votersOf(admin);
  const live = brokers.map(
    ({ id, host, port }): LiveBroker => ({
      id,
      roles: voters.includes(id) ? ['broker', 'controller'] : ['broker'],
      address: { host, port },
    }),
  );
  return { clusterId, brokers: live };
}

/** Nobody when we may not ask: then no broker is known to be a controller. */
async function votersOf(admin: Admin): Promise<readonly number[]> {
  try {
    return (await admin.quorum()).voters.map(({ id }) => id);
  } catch (error) {
    if (error instanceof OrdealError) return [];
    throw error;
  }
}

type Setting = {
  readonly host: HostEnvironment;
  readonly plan: ClusterPlan;
  readonly context: ClusterContext;
  readonly cleanUp: CleanUp;
  readonly admin: Admin;
  readonly brokers: readonly LiveBroker[];
  readonly bootstrap: readonly Address[];
};

async function clientLinks({
  host,
  plan,
  context,
  cleanUp,
  admin,
  brokers,
  bootstrap,
}: Setting): Promise<{ readonly links: Links; readonly routes: RouteTable }> {
  const { runFolder, runId, progress, signal } = context;
  const { faults, cluster } = plan.scenario;
  const way = { faults, brokers, bootstrap };
  const proxied = linksToProxy(way);
  if (proxied.length === 0) return { links: noLinks(), routes: NO_ROUTES };
  const program = await ensureToxiproxy(host, { progress, signal });
  const reaper = cleanUp.use(openReaper(host, `${runId}-${process.pid}`));
  const { proxies, table } = placeProxies(way, proxied, await freePorts(proxied.length));
  const toxiproxy = cleanUp.use(
    await startLinks({
      routes: proxies,
      program,
      env: childEnvironment(host),
      logFile: join(runFolder, 'logs', 'toxiproxy.log'),
      reaper,
      signal,
      onFailure: context.onFailure,
    }),
  );
  const { connection } = cluster;
  const links = new ClientLinks({
    ...{ links: toxiproxy, proxies, connection, admin, brokers: brokers.length },
  });
  return { links, routes: table };
}

/** `HOST:PORT` or `[IPV6]:PORT`, which the scenario's schema has checked. */
function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return {
    host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(text.slice(colon + 1)),
  };
}

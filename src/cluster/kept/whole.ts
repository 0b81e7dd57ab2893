/** Whether a kept cluster is as it was raised, so that the next run may have it: asked of the cluster, not of the last run. */
import { messageOf, OrdealError } from '../../lib/errors.ts';
import { openAdmin } from '../../wire/admin.ts';
import type { ClusterNode, RunningCluster } from '../cluster.ts';
import { hasRole } from '../nodes.ts';
import { awaitReady } from '../readiness.ts';

/** Settings of brokers that were made while they run, `broker 2 log.retention.ms` → its value. */
export type RuntimeSettings = ReadonlyMap<string, string | null>;

/** Null when it is; else what is wrong with it. `before`: as it was raised, since Kafka sets some by itself. */
export async function whatIsWrong(
  cluster: RunningCluster,
  before: RuntimeSettings,
  signal: AbortSignal,
): Promise<string | null> {
  const nodes = [...cluster.nodes.values()];
  const down = nodes.find(({ state }) => state !== 'running');
  if (down !== undefined) return `node ${down.id} is ${down.state}`;
  try {
    const brokers = brokersOf(cluster).length;
    await awaitReady({ harness: cluster.harness, brokers, signal });
    return changes(before, await runtimeSettings(cluster));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OrdealError)) throw error;
    return messageOf(error);
  }
}

/** Exported for its tests. Null when nothing differs. */
export function changes(before: RuntimeSettings, now: RuntimeSettings): string | null {
  const names = [...new Set([...before.keys(), ...now.keys()])];
  const changed = names.filter((name) => before.get(name) !== now.get(name));
  return changed.length === 0 ? null : `settings were changed: ${changed.join(', ')}`;
}

/** They stay until somebody undoes them, and the next scenario knows nothing of them. */
export async function runtimeSettings(cluster: RunningCluster): Promise<RuntimeSettings> {
  const { harness, connection } = cluster;
  using admin = await openAdmin({ bootstrap: harness, connection, clientId: 'ordeal-keeper' });
  await admin.metadata([]); // It learns where each broker is.
  const names = ['', ...brokersOf(cluster).map(({ id }) => String(id))];
  const told = await admin.describeConfigs(names.map((name) => ({ kind: 'broker', name })));
  return new Map(
    told.flatMap(({ name, entries }) =>
      entries
        .filter(({ isOwn }) => isOwn)
        .map((one) => [`${name === '' ? 'all brokers' : `broker ${name}`} ${one.name}`, one.value]),
    ),
  );
}

const brokersOf = ({ nodes }: RunningCluster): readonly ClusterNode[] =>
  [...nodes.values()].filter((node) => hasRole(node, 'broker'));

/** The run's side of a kept cluster: an ordinary running cluster, whose every call is done by the keeper. */
import type { HealLinks, LinkProbe, Links } from '../../links/links.ts';
import type {
  ClusterNode,
  Executed,
  NodeContainer,
  NodeLook,
  NodeState,
  RunningCluster,
} from '../cluster.ts';
import type { Channel } from './channel.ts';
import type { NodeStates, Snapshot } from './snapshot.ts';

type Answer = { readonly value: unknown; readonly states: NodeStates };
type Ask = (method: string, args: readonly unknown[], signal?: AbortSignal) => Promise<unknown>;

/** `states` is kept up to date by answers here, and by whoever hears the keeper's tellings. */
export function useCluster(
  channel: Channel,
  snapshot: Snapshot,
  states: Map<number, NodeState>,
): Omit<RunningCluster, typeof Symbol.asyncDispose> {
  const ask: Ask = async (method, args, signal) => {
    const answer = (await channel.call(method, args, signal)) as Answer;
    for (const [id, state] of answer.states) states.set(id, state);
    return answer.value;
  };
  const { provider, bootstrap, harness, connection, facts } = snapshot;
  const nodes = snapshot.nodes.map((node) => nodeFor(node, states, ask));
  return {
    ...{ provider, bootstrap, harness, connection, facts },
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: linksFor(channel, snapshot),
  };
}

function nodeFor(
  { id, roles, dataDir, addresses }: Snapshot['nodes'][number],
  states: ReadonlyMap<number, NodeState>,
  ask: Ask,
): ClusterNode {
  return {
    ...{ id, roles, dataDir },
    get state() {
      return states.get(id) as NodeState;
    },
    look: async () => {
      const { process, stopped } = (await ask('node.look', [id])) as NodeLook;
      return { process, stopped };
    },
    kill: async () => void (await ask('node.kill', [id])),
    stop: async (graceMs) => void (await ask('node.stop', [id, graceMs])),
    start: async (signal) => void (await ask('node.start', [id], signal)),
    pause: async () => void (await ask('node.pause', [id])),
    resume: async () => void (await ask('node.resume', [id])),
    container: addresses === null ? null : containerFor(id, addresses, ask),
  };
}

/** `expectEnd` is told before whatever is asked next, since calls arrive in their order. */
function containerFor(id: number, addresses: NodeContainer['addresses'], ask: Ask): NodeContainer {
  return {
    addresses,
    inspect: async () =>
      (await ask('container.inspect', [id])) as Awaited<ReturnType<NodeContainer['inspect']>>,
    expectEnd: () => {
      ask('container.expectEnd', [id]).catch(() => {}); // The next call meets the same end.
    },
    exec: async (where, command, signal) =>
      (await ask('container.exec', [id, where, command], signal)) as Executed,
    recreate: async (disk) => void (await ask('container.recreate', [id, disk])),
    limitCpus: async (cpus) => void (await ask('container.limitCpus', [id, cpus])),
    disconnect: async () => void (await ask('container.disconnect', [id])),
    connect: async () => void (await ask('container.connect', [id])),
  };
}

/** Its proxies are the keeper's to end. */
function linksFor(channel: Channel, { proxied }: Snapshot): Links {
  return {
    proxied,
    apply: async (links, effect): Promise<HealLinks> => {
      const handle = await channel.call('links.apply', [links, effect]);
      return async () => void (await channel.call('links.heal', [handle]));
    },
    probe: async (link, timeoutMs, requests) =>
      (await channel.call('links.probe', [link, timeoutMs, requests])) as LinkProbe,
    healAll: async () => void (await channel.call('links.healAll')),
    [Symbol.asyncDispose]: async () => {},
  };
}

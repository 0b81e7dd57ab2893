/**
 * Where a local cluster's listeners and proxies are. Every listener has a port of its own on 127.0.0.1; the proxy
 * of the link i -> j listens on the same port of 127.0.i.j, where node i's own hosts file sends it.
 */

import type { Link } from '../links/links.ts';
import type { LinkRoute } from '../links/toxiproxy.ts';
import { type ListenerName, listenersOf, type PlacedNode, peerName } from './broker-config.ts';
import type { PlannedNode } from './nodes.ts';

const HOST = '127.0.0.1';

/** How many free ports `place` needs. */
export const portsNeeded = (nodes: readonly PlannedNode[], proxied: readonly Link[]): number =>
  nodes.flatMap(listenersOf).length + proxied.filter(isClientLink).length;

/** Deals out the ports; the client proxies come last. */
export function place(
  nodes: readonly PlannedNode[],
  proxied: readonly Link[],
  ports: readonly number[],
  dataDir: (node: PlannedNode) => string,
): readonly PlacedNode[] {
  const free = ports.values();
  const next = (): number => free.next().value as number;
  const placed = nodes.map((node) => ({
    ...node,
    dataDir: dataDir(node),
    ports: Object.fromEntries(listenersOf(node).map((name) => [name, next()])) as Partial<
      Record<ListenerName, number>
    >,
  }));
  return placed.map((node) => {
    const behindProxy = proxied.some((link) => isClientLink(link) && link.to === node.id);
    return { ...node, advertisedClientPort: behindProxy ? next() : (node.ports.CLIENT ?? null) };
  });
}

/** Where each proxy listens and leads to. */
export const routesOf = (
  proxied: readonly Link[],
  nodes: readonly PlacedNode[],
): readonly LinkRoute[] =>
  proxied.map((link) => {
    const owner = nodes.find(({ id }) => id === link.to);
    const port = owner?.ports[link.listener];
    if (owner === undefined || port === undefined) {
      throw new Error(`no ${link.listener} listener on node ${link.to}`);
    }
    const listen = isClientLink(link)
      ? { host: HOST, port: owner.advertisedClientPort as number }
      : { host: proxyHost(link.from as number, link.to), port };
    return { link, listen, upstream: { host: HOST, port } };
  });

/**
 * The hosts file of one node's world. It replaces DNS for that JVM, so it names all that the JVM may ask for:
 * its own host, and every peer on each listener that peers dial.
 */
export function hostsText(
  node: PlannedNode,
  nodes: readonly PlannedNode[],
  proxied: readonly Link[],
  hostname: string,
): string {
  const peers = nodes.flatMap(({ id }) =>
    (['BROKER', 'CONTROLLER'] as const).map((listener) => {
      const behindProxy = proxied.some(
        (link) => link.from === node.id && link.to === id && link.listener === listener,
      );
      return `${behindProxy ? proxyHost(node.id, id) : HOST} ${peerName(listener, id)}`;
    }),
  );
  return [`${HOST} localhost`, `${HOST} ${hostname}`, ...peers, ''].join('\n');
}

const proxyHost = (from: number, to: number): string => `127.0.${from}.${to}`;

const isClientLink = ({ from }: Link): boolean => from === 'clients';

/**
 * Where a cluster's listeners and proxies are. Every listener has a port of its own; the proxy of the link i -> j
 * listens on the same port of 127.0.i.j in node i's world, where node i's own hosts file sends it. Locally all
 * worlds are one, the machine's; a node in a container has its own, with an address of its own.
 */

import type { Link } from '../links/links.ts';
import type { LinkRoute } from '../links/toxiproxy.ts';
import { type ListenerName, listenersOf, type PlacedNode, peerName } from './broker-config.ts';
import type { PlannedNode } from './nodes.ts';

/** How many free ports `place` needs. */
export const portsNeeded = (nodes: readonly PlannedNode[], proxied: readonly Link[]): number =>
  nodes.flatMap(listenersOf).length + proxied.filter(isClientLink).length;

/** Deals out the ports; the client proxies come last. */
export function place(
  nodes: readonly PlannedNode[],
  proxied: readonly Link[],
  ports: readonly number[],
  where: (node: PlannedNode) => Pick<PlacedNode, 'host' | 'dataDir'>,
): readonly PlacedNode[] {
  const free = ports.values();
  const next = (): number => free.next().value as number;
  const placed = nodes.map((node) => ({
    ...node,
    ...where(node),
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
      ? { host: owner.host, port: owner.advertisedClientPort as number }
      : { host: proxyHost(link.from as number, link.to), port };
    return { link, listen, upstream: { host: owner.host, port } };
  });

export type HostEntry = { readonly address: string; readonly name: string };

/** What one node's hosts file says of every peer, on each listener that peers dial. */
export const peerHosts = (
  node: PlannedNode,
  nodes: readonly PlacedNode[],
  proxied: readonly Link[],
): readonly HostEntry[] =>
  nodes.flatMap(({ id, host }) =>
    (['BROKER', 'CONTROLLER'] as const).map((listener) => {
      const behindProxy = proxied.some(
        (link) => link.from === node.id && link.to === id && link.listener === listener,
      );
      return {
        address: behindProxy ? proxyHost(node.id, id) : host,
        name: peerName(listener, id),
      };
    }),
  );

const proxyHost = (from: number, to: number): string => `127.0.${from}.${to}`;

const isClientLink = ({ from }: Link): boolean => from === 'clients';

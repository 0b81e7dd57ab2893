/**
 * The way of clients to a cluster that ordeal does not run, when faults stand in it: one local proxy for each broker
 * that a fault may come to mean, and for each bootstrap address that no broker advertises. Pure.
 */
import { type Address, formatAddress } from '../../lib/address.ts';
import { environmentError, type OrdealError } from '../../lib/errors.ts';
import { type RouteTable, routeKey } from '../../lib/route.ts';
import type { Link } from '../../links/links.ts';
import { type LinkNode, possibleLinks } from '../../links/pattern.ts';
import type { LinkRoute } from '../../links/toxiproxy.ts';
import type { FaultSpec, LinkPattern } from '../../scenario/scenario.ts';

/** A broker as the cluster's metadata tells of it. */
export type LiveBroker = LinkNode & { readonly address: Address };

export type ClientPaths = {
  /** By proxy; `upstream` is the address that the cluster advertises. */
  readonly proxies: readonly LinkRoute[];
  readonly table: RouteTable;
};

const LOOPBACK = '127.0.0.1';

type Plan = {
  readonly faults: readonly FaultSpec[];
  readonly brokers: readonly LiveBroker[];
  readonly bootstrap: readonly Address[];
};

/** The links that need a proxy. Throws `links.nobody` for a fault that means no broker of the cluster. */
export function linksToProxy({ faults, brokers, bootstrap }: Plan): readonly Link[] {
  const linked = faults.filter(onLinks);
  for (const fault of linked) {
    if (possibleLinks(fault.where, brokers).length === 0) throw nobody(fault, brokers);
  }
  const patterns = linked.flatMap(({ where }) => where);
  const extra = patterns.some(meansAnyBroker) ? unadvertised(bootstrap, brokers) : [];
  return [...possibleLinks(patterns, brokers), ...extra.map((_, i) => bootstrapLink(i))];
}

/**
 * Bootstrap addresses that no broker advertises, such as a load balancer's, carry only first contact. As Kafka's own
 * clients do, they are numbered -1, -2, …; what breaks the links to all brokers breaks these too.
 */
const bootstrapLink = (index: number): Link => ({
  from: 'clients',
  to: -1 - index,
  listener: 'CLIENT',
});

export const isBootstrapLink = ({ to }: Link): boolean => to < 0;

/** `ports` are free ones, as many as there are links. */
export function placeProxies(
  plan: Plan,
  links: readonly Link[],
  ports: readonly number[],
): ClientPaths {
  const extra = unadvertised(plan.bootstrap, plan.brokers);
  const proxies = links.map((link, i): LinkRoute => {
    const upstream = isBootstrapLink(link)
      ? extra[-1 - link.to]
      : plan.brokers.find(({ id }) => id === link.to)?.address;
    if (upstream === undefined) throw new Error(`nobody is at the end of link ${link.to}`);
    return { link, listen: { host: LOOPBACK, port: ports[i] as number }, upstream };
  });
  const anyBroker = plan.faults.filter(onLinks).some(({ where }) => where.some(meansAnyBroker));
  return {
    proxies,
    table: {
      routes: proxies.map(({ upstream, listen }) => ({ to: upstream, via: listen })),
      others: anyBroker ? 'refused' : 'direct',
    },
  };
}

type LinkFault = FaultSpec & { readonly where: readonly LinkPattern[] };

const onLinks = (fault: FaultSpec): fault is LinkFault => Array.isArray(fault.where);

/** Whether it may come to mean a broker that is not there yet. */
const meansAnyBroker = ({ to }: LinkPattern): boolean => to.kind !== 'broker';

function unadvertised(
  bootstrap: readonly Address[],
  brokers: readonly LiveBroker[],
): readonly Address[] {
  const known = new Set(brokers.map(({ address }) => routeKey(address)));
  return bootstrap.filter((address) => {
    const fresh = !known.has(routeKey(address));
    known.add(routeKey(address));
    return fresh;
  });
}

const nobody = ({ name, whereText }: FaultSpec, brokers: readonly LiveBroker[]): OrdealError =>
  environmentError('links.nobody', `fault ${name}: no broker of the cluster is \`${whereText}\``, {
    hint: `it has ${brokers.map(({ id, address }) => `broker ${id} (${formatAddress(address)})`).join(', ')}`,
  });

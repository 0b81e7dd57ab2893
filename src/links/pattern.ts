/** From the patterns a scenario writes (`controller -> all (CONTROLLER)`) to links between nodes; pure. */
import type { BrokerWhere, LinkEnd, LinkPattern, Listener } from '../scenario/scenario.ts';
import { type Dialer, describeLink, type Link } from './links.ts';

export type LinkNode = {
  readonly id: number;
  readonly roles: readonly ('broker' | 'controller')[];
};

/** A role of one end, such as `leader of orders/0`. */
export type RoleEnd = Extract<LinkEnd, BrokerWhere>;

/** Every link that a pattern may come to mean: a role may be held by any node that is able to. */
export const possibleLinks = (
  patterns: readonly LinkPattern[],
  nodes: readonly LinkNode[],
): readonly Link[] => resolveLinks(patterns, nodes, (where) => candidates(where, nodes));

/** The links that the patterns mean now; `roles` says who holds a role. Each link once, in a stable order. */
export function resolveLinks(
  patterns: readonly LinkPattern[],
  nodes: readonly LinkNode[],
  roles: (where: RoleEnd) => readonly number[],
): readonly Link[] {
  const links = patterns.flatMap((pattern) => {
    const { from, to, listener } = pattern;
    const ways = pattern.both
      ? ([
          [from, to],
          [to, from],
        ] as const)
      : ([[from, to]] as const);
    return ways.flatMap(([dialer, owner]) => linksOneWay(dialer, owner, listener, nodes, roles));
  });
  const unique = new Map(links.map((link) => [describeLink(link), link]));
  return [...unique.values()];
}

function linksOneWay(
  from: LinkEnd,
  to: LinkEnd,
  listener: Listener | null,
  nodes: readonly LinkNode[],
  roles: (where: RoleEnd) => readonly number[],
): readonly Link[] {
  const ids = (end: LinkEnd): readonly Dialer[] => idsOf(end, nodes, roles);
  return ids(from).flatMap((dialer) =>
    ids(to).flatMap((owner) => {
      if (owner === 'clients' || owner === dialer) return [];
      return listenersFor(dialer, listener)
        .filter((name) => exists(dialer, owner, name, nodes))
        .map((name): Link => ({ from: dialer, to: owner, listener: name }));
    }),
  );
}

const listenersFor = (dialer: Dialer, listener: Listener | null): readonly Listener[] => {
  if (listener !== null) return [listener];
  return dialer === 'clients' ? ['CLIENT'] : ['BROKER', 'CONTROLLER'];
};

/** Clients dial CLIENT; brokers dial each other on BROKER; every node dials controllers on CONTROLLER. */
function exists(from: Dialer, to: number, listener: Listener, nodes: readonly LinkNode[]): boolean {
  const has = (id: Dialer, role: 'broker' | 'controller'): boolean =>
    nodes.some((node) => node.id === id && node.roles.includes(role));
  if (listener === 'CLIENT') return from === 'clients' && has(to, 'broker');
  if (from === 'clients') return false;
  return listener === 'BROKER' ? has(from, 'broker') && has(to, 'broker') : has(to, 'controller');
}

function idsOf(
  end: LinkEnd,
  nodes: readonly LinkNode[],
  roles: (where: RoleEnd) => readonly number[],
): readonly Dialer[] {
  switch (end.kind) {
    case 'clients':
      return ['clients'];
    case 'all':
      return nodes.map(({ id }) => id);
    case 'brokers':
      return holding('broker', nodes);
    case 'controllers':
      return holding('controller', nodes);
    default:
      return roles(end);
  }
}

const holding = (role: 'broker' | 'controller', nodes: readonly LinkNode[]): readonly number[] =>
  nodes.filter(({ roles }) => roles.includes(role)).map(({ id }) => id);

function candidates(where: RoleEnd, nodes: readonly LinkNode[]): readonly number[] {
  if (where.kind === 'broker') return nodes.filter(({ id }) => id === where.id).map(({ id }) => id);
  return holding(where.kind === 'controller' ? 'controller' : 'broker', nodes);
}

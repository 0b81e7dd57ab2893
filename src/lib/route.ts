/**
 * Where to dial really for an address: whoever advertises addresses of its own is reached through proxies that stand
 * beside it. The table is plain data, so that it travels to other processes and serves any client library.
 */
import { type Address, formatAddress } from './address.ts';
import { environmentError } from './errors.ts';

export type RouteTable = {
  readonly routes: readonly { readonly to: Address; readonly via: Address }[];
  /** Addresses without a route: dialled as they are, or refused because a proxy should stand before them. */
  readonly others: 'direct' | 'refused';
};

/** What to dial for an address. Throws `route.missing`, an environment error. */
export type Route = (host: string, port: number) => Address;

/** Every address is what it says. */
export const NO_ROUTES: RouteTable = { routes: [], others: 'direct' };

export function createRoute({ routes, others }: RouteTable): Route {
  const vias = new Map(routes.map(({ to, via }) => [routeKey(to), via]));
  return (host, port) => {
    const via = vias.get(routeKey({ host, port }));
    if (via !== undefined) return via;
    if (others === 'direct') return { host, port };
    throw environmentError(
      'route.missing',
      `${formatAddress({ host, port })} appeared after the run had begun: no proxy stands before it, and a fault of the scenario may name it`,
      { hint: 'run again while the brokers of the cluster stay the same' },
    );
  };
}

/** Equal for equal addresses; names of hosts do not tell capitals apart. */
export const routeKey = ({ host, port }: Address): string =>
  formatAddress({ host: host.toLowerCase(), port });

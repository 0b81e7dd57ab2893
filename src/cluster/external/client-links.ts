/**
 * The links of clients to an external cluster. Before an effect is applied it is asked where the brokers are now: one
 * that has moved since the proxies were placed would be reached beside them, and the fault would do nothing unseen.
 */
import { formatAddress } from '../../lib/address.ts';
import { environmentError } from '../../lib/errors.ts';
import { routeKey } from '../../lib/route.ts';
import { proxyName } from '../../links/link-proxy.ts';
import type { HealLinks, Link, LinkEffect, LinkProbe, Links } from '../../links/links.ts';
import type { LinkRoute } from '../../links/toxiproxy.ts';
import type { KafkaConfig } from '../../scenario/scenario.ts';
import type { Admin } from '../../wire/admin.ts';
import { isBootstrapLink } from './paths.ts';
import { probeThrough } from './probe.ts';

type Options = {
  /** Toxiproxy's; its probes speak plaintext only. */
  readonly links: Links;
  readonly proxies: readonly LinkRoute[];
  readonly connection: KafkaConfig;
  readonly admin: Admin;
  /** How many brokers the cluster had when the proxies were placed. */
  readonly brokers: number;
};

export class ClientLinks implements Links {
  readonly proxied: readonly Link[];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.proxied = options.links.proxied;
  }

  async apply(links: readonly Link[], effect: LinkEffect): Promise<HealLinks> {
    await this.#checkPlaces(links);
    const everyBroker = links.length === this.#options.brokers;
    const first = everyBroker ? this.proxied.filter(isBootstrapLink) : [];
    return this.#options.links.apply([...links, ...first], effect);
  }

  async #checkPlaces(links: readonly Link[]): Promise<void> {
    const { brokers } = await this.#options.admin.metadata([]);
    for (const link of links) {
      const { upstream } = this.#routeOf(link);
      const now = brokers.find(({ id }) => id === link.to);
      if (now === undefined || routeKey(now) === routeKey(upstream)) continue;
      throw environmentError(
        'links.moved',
        `broker ${link.to} is at ${formatAddress(now)} now, and its proxy leads to ${formatAddress(upstream)}`,
        { hint: 'run again while the brokers of the cluster stay the same' },
      );
    }
  }

  probe(link: Link, timeoutMs: number, requests?: number): Promise<LinkProbe> {
    const { listen, upstream } = this.#routeOf(link);
    const { connection } = this.#options;
    return probeThrough({ via: listen, host: upstream.host, connection, timeoutMs, requests });
  }

  healAll(): Promise<void> {
    return this.#options.links.healAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.links[Symbol.asyncDispose]();
  }

  #routeOf(link: Link): LinkRoute {
    const route = this.#options.proxies.find((one) => proxyName(one.link) === proxyName(link));
    if (route === undefined) throw new Error(`no proxy stands in link ${proxyName(link)}`);
    return route;
  }
}

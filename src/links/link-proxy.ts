/** One link's proxy and what is in force on it. Effects compose: each is healed on its own, in any order. */
import type { Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';
import type { HealLinks, Link, LinkEffect } from './links.ts';
import { toxicsOf } from './toxics.ts';
import type { LinkRoute } from './toxiproxy.ts';

/** Safe in a URL's path, unlike `clients -> broker 2 (CLIENT)`. */
export const proxyName = ({ from, to, listener }: Link): string => `${from}-${to}-${listener}`;

export class LinkProxy {
  readonly route: LinkRoute;
  readonly #proxy: ToxiproxyProxy;
  #toxics = 0;
  #cuts = 0;
  /** Opening and closing happen one after the other, so that the last one decides. */
  #switching: Promise<unknown> = Promise.resolve();

  constructor(proxy: ToxiproxyProxy, route: LinkRoute) {
    this.#proxy = proxy;
    this.route = route;
  }

  /** In force when it resolves. The heal may be called again when it failed, and does nothing once it worked. */
  apply(effect: LinkEffect): Promise<HealLinks> {
    return effect.kind === 'cut' ? this.#cut() : this.#poison(effect);
  }

  async #poison(effect: Exclude<LinkEffect, { kind: 'cut' }>): Promise<HealLinks> {
    const removes: HealLinks[] = [];
    const heal = async (): Promise<void> => {
      for (let remove = removes.at(-1); remove !== undefined; remove = removes.at(-1)) {
        await remove();
        removes.pop();
      }
    };
    try {
      for (const { type, stream, attributes } of toxicsOf(effect)) {
        const name = `${type}-${stream}-${++this.#toxics}`;
        const toxic = await this.#proxy.addToxic({ name, type, stream, attributes, toxicity: 1 });
        removes.push(() => toxic.remove());
      }
    } catch (error) {
      await heal();
      throw error;
    }
    return heal;
  }

  async #cut(): Promise<HealLinks> {
    this.#cuts++;
    let healed = false;
    const heal = async (): Promise<void> => {
      if (!healed) this.#cuts--;
      healed = true;
      await this.#switch();
    };
    try {
      await this.#switch();
    } catch (error) {
      await heal().catch(() => {});
      throw error;
    }
    return heal;
  }

  /** Open while nobody cuts it. */
  #switch(): Promise<unknown> {
    const { listen, upstream } = this.#proxy;
    const work = this.#switching
      .catch(() => {})
      .then(() => this.#proxy.update({ enabled: this.#cuts === 0, listen, upstream }));
    this.#switching = work;
    return work;
  }
}

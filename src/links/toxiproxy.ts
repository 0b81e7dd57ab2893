/**
 * Links through Toxiproxy: one server process per run, one proxy per link. Only `listen` and `upstream` of a proxy
 * are fixed; effects come and go on it independently of each other.
 */
import { Toxiproxy } from 'toxiproxy-node-client';
import { freePorts } from '../host/ports.ts';
import { type ProcessGroup, spawnGroup } from '../host/process.ts';
import type { Reaper } from '../host/reaper.ts';
import { type Address, formatAddress } from '../lib/address.ts';
import { waitFor, within } from '../lib/deadline.ts';
import { environmentError, messageOf } from '../lib/errors.ts';
import { LinkProxy, proxyName } from './link-proxy.ts';
import { describeLink, type HealLinks, type Link, type LinkEffect, type Links } from './links.ts';
import { probeAddress } from './probe.ts';

export type LinkRoute = {
  readonly link: Link;
  /** What the dialer dials. */
  readonly listen: Address;
  /** The real listener. */
  readonly upstream: Address;
};

export type LinksOptions = {
  readonly routes: readonly LinkRoute[];
  /** toxiproxy-server. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
};

const START_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 10_000;

/** Every proxy stands and passes everything through. Throws `links.not-started`. */
export async function startLinks(options: LinksOptions): Promise<Links> {
  const server = await startServer(options);
  try {
    const proxies = new Map<string, LinkProxy>();
    await Promise.all(
      options.routes.map(async (route) => {
        const proxy = await server.api.createProxy({
          name: proxyName(route.link),
          listen: formatAddress(route.listen),
          upstream: formatAddress(route.upstream),
          enabled: true,
        });
        proxies.set(proxyName(route.link), new LinkProxy(proxy, route));
      }),
    );
    return new ToxiproxyLinks(options.routes, proxies, server);
  } catch (cause) {
    await server.stop();
    throw notStarted(messageOf(cause), cause);
  }
}

type Server = { readonly api: Toxiproxy; readonly stop: () => Promise<void> };

async function startServer({
  program,
  env,
  logFile,
  reaper,
  signal,
}: LinksOptions): Promise<Server> {
  const [port] = await freePorts(1);
  const group = await spawnGroup({
    command: program,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    env: { ...env, LOG_LEVEL: 'warn' },
    logFile,
  });
  const stop = async (): Promise<void> => {
    group.signal('SIGKILL');
    await group.exited;
  };
  try {
    const forget = reaper.watch(group, 'toxiproxy-server');
    void group.exited.then(forget);
    const api = new Toxiproxy(`http://127.0.0.1:${port}`);
    await waitFor('Toxiproxy to answer', () => answers(api, group), {
      timeoutMs: START_TIMEOUT_MS,
      everyMs: 20,
      signal,
    });
    return { api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(api: Toxiproxy, group: ProcessGroup): Promise<boolean> {
  if (group.exit !== null) throw notStarted('its server ended at once');
  return api.getVersion().then(
    () => true,
    () => false,
  );
}

const notStarted = (why: string, cause?: unknown): Error =>
  environmentError('links.not-started', `the proxies could not be started: ${why}`, {
    hint: 'see logs/toxiproxy.log in the run folder',
    cause,
  });

class ToxiproxyLinks implements Links {
  readonly proxied: readonly Link[];
  readonly #proxies: ReadonlyMap<string, LinkProxy>;
  readonly #server: Server;
  readonly #healers = new Set<HealLinks>();

  constructor(
    routes: readonly LinkRoute[],
    proxies: ReadonlyMap<string, LinkProxy>,
    server: Server,
  ) {
    this.proxied = routes.map(({ link }) => link);
    this.#proxies = proxies;
    this.#server = server;
  }

  async apply(links: readonly Link[], effect: LinkEffect): Promise<HealLinks> {
    const proxies = links.map((link) => this.#proxyOf(link));
    const applied = await Promise.allSettled(proxies.map((proxy) => proxy.apply(effect)));
    const heals = applied.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const heal = this.#healer(heals);
    const failure = applied.find((one) => one.status === 'rejected');
    if (failure !== undefined) {
      await heal().catch(() => {});
      throw callFailed(`${effect.kind} could not be applied`, failure.reason);
    }
    return heal;
  }

  /** Ends the effects of one `apply`; what could not be healed is tried again by the next call. */
  #healer(heals: readonly HealLinks[]): HealLinks {
    const left = new Set(heals);
    const heal = async (): Promise<void> => {
      const work = [...left].map(async (one) => {
        await one();
        left.delete(one);
      });
      try {
        await within('healing links', CALL_TIMEOUT_MS, Promise.all(work));
      } catch (error) {
        throw callFailed('links could not be healed', error);
      }
      this.#healers.delete(heal);
    };
    this.#healers.add(heal);
    return heal;
  }

  probe(link: Link, timeoutMs: number, requests?: number) {
    return probeAddress(this.#proxyOf(link).route.listen, timeoutMs, requests);
  }

  async healAll(): Promise<void> {
    await Promise.all([...this.#healers].map((heal) => heal()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }

  #proxyOf(link: Link): LinkProxy {
    const proxy = this.#proxies.get(proxyName(link));
    if (proxy === undefined) throw new Error(`no proxy stands in ${describeLink(link)}`);
    return proxy;
  }
}

const callFailed = (what: string, cause: unknown): Error =>
  environmentError('links.failed', `${what}: ${messageOf(cause)}`, {
    hint: 'see logs/toxiproxy.log in the run folder',
    cause,
  });

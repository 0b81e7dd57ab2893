/**
 * Links through Toxiproxy: one proxy per link, on a server process of the run's own or on servers that stand in the
 * dialers' worlds. Only `listen` and `upstream` of a proxy are fixed; effects come and go on it independently.
 */
import { Toxiproxy } from 'toxiproxy-node-client';
import { freePorts } from '../host/ports.ts';
import { type Exit, spawnGroup } from '../host/process.ts';
import type { Reaper } from '../host/reaper.ts';
import { type Address, formatAddress } from '../lib/address.ts';
import { waitFor, within } from '../lib/deadline.ts';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';
import { LinkProxy, proxyName } from './link-proxy.ts';
import {
  describeLink,
  type HealLinks,
  type Link,
  type LinkEffect,
  type LinkProbe,
  type Links,
} from './links.ts';
import { probeAddress } from './probe.ts';

export type LinkRoute = {
  readonly link: Link;
  /** What the dialer dials. */
  readonly listen: Address;
  /** The real listener. */
  readonly upstream: Address;
  /** How the harness gets into the proxy where it cannot dial `listen` itself. */
  readonly entry?: LinkEntry;
};

export type LinkEntry = {
  /** What the harness dials. */
  readonly dial: Address;
  /** A second proxy, of the dialer's world, that only passes on to `listen`; absent where `dial` leads there. */
  readonly through?: Address;
};

/** A Toxiproxy that runs already, and the links it has to carry. */
export type ProxyServer = { readonly api: Address; readonly routes: readonly LinkRoute[] };

export type LinksOptions = {
  readonly routes: readonly LinkRoute[];
  /** toxiproxy-server. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
  /** The server died by itself, and every link with it. */
  readonly onFailure: (error: OrdealError) => void;
};

const START_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 500;

/** Every proxy stands on a new server and passes everything through. Throws `links.not-started`. */
export async function startLinks(options: LinksOptions): Promise<Links> {
  const server = await startServer(options);
  try {
    return new ToxiproxyLinks(await createProxies(server.api, options.routes), server.stop);
  } catch (cause) {
    await server.stop();
    throw notStarted(messageOf(cause), cause);
  }
}

/** The same on servers that others started and will end. Throws `links.not-started`. */
export async function openLinks(
  servers: readonly ProxyServer[],
  signal: AbortSignal,
): Promise<Links> {
  try {
    const proxies = servers.map(async ({ api, routes }) => {
      const toxiproxy = new Toxiproxy(`http://${formatAddress(api)}`);
      await untilAnswers(async () => responds(toxiproxy), signal);
      return createProxies(toxiproxy, routes);
    });
    return new ToxiproxyLinks((await Promise.all(proxies)).flat(), async () => {});
  } catch (cause) {
    signal.throwIfAborted();
    throw notStarted(messageOf(cause), cause);
  }
}

const createProxies = (
  api: Toxiproxy,
  routes: readonly LinkRoute[],
): Promise<readonly LinkProxy[]> => {
  const work = Promise.all(
    routes.map(async (route) => {
      const name = proxyName(route.link);
      const through = route.entry?.through;
      const listen = formatAddress(route.listen);
      const upstream = formatAddress(route.upstream);
      const proxy = await api.createProxy({ name, listen, upstream, enabled: true });
      if (through !== undefined) {
        const entry = { listen: formatAddress(through), upstream: listen, enabled: true };
        await api.createProxy({ name: `${name}-entry`, ...entry });
      }
      return new LinkProxy(proxy, route);
    }),
  );
  return within('making the proxies', CALL_TIMEOUT_MS, work);
};

type Server = { readonly api: Toxiproxy; readonly stop: () => Promise<void> };

async function startServer({
  program,
  env,
  logFile,
  reaper,
  signal,
  onFailure,
}: LinksOptions): Promise<Server> {
  const [port] = await freePorts(1);
  const group = await spawnGroup({
    command: program,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    env: { ...env, LOG_LEVEL: 'warn' },
    logFile,
  });
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    group.signal('SIGKILL');
    await group.exited;
  };
  try {
    const forget = reaper.watch(group, 'toxiproxy-server');
    void group.exited.then((exit) => {
      forget();
      if (!stopping) onFailure(died(exit));
    });
    const api = new Toxiproxy(`http://127.0.0.1:${port}`);
    await untilAnswers(async () => {
      if (group.exit !== null) throw notStarted('its server ended at once');
      return responds(api);
    }, signal);
    return { api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const died = ({ code, signal }: Exit): OrdealError =>
  environmentError(
    'links.died',
    `the Toxiproxy process, which carries the links, ended by itself (${signal ?? `exit code ${code}`})`,
    { hint: 'see logs/toxiproxy.log in the run folder, and run again' },
  );

const untilAnswers = (probe: () => Promise<boolean>, signal: AbortSignal): Promise<unknown> =>
  waitFor('Toxiproxy to answer', probe, { timeoutMs: START_TIMEOUT_MS, everyMs: 20, signal });

/** Each question has an end of its own: a port that an engine publishes may accept and never answer at first. */
const responds = (api: Toxiproxy): Promise<boolean> =>
  within('an answer', ANSWER_TIMEOUT_MS, api.getVersion()).then(
    () => true,
    () => false,
  );

const notStarted = (why: string, cause?: unknown): Error =>
  environmentError('links.not-started', `the proxies could not be started: ${why}`, {
    hint: 'see logs/toxiproxy.log in the run folder',
    cause,
  });

class ToxiproxyLinks implements Links {
  readonly proxied: readonly Link[];
  readonly #proxies: ReadonlyMap<string, LinkProxy>;
  readonly #stop: () => Promise<void>;
  readonly #healers = new Set<HealLinks>();

  constructor(proxies: readonly LinkProxy[], stop: () => Promise<void>) {
    this.proxied = proxies.map(({ route }) => route.link);
    this.#proxies = new Map(proxies.map((proxy) => [proxyName(proxy.route.link), proxy]));
    this.#stop = stop;
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

  async probe(link: Link, timeoutMs: number, requests?: number): Promise<LinkProbe> {
    const { entry, listen } = this.#proxyOf(link).route;
    const met = await probeAddress(entry?.dial ?? listen, timeoutMs, requests);
    return { ...met, indirect: entry !== undefined };
  }

  async healAll(): Promise<void> {
    await Promise.all([...this.#healers].map((heal) => heal()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
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

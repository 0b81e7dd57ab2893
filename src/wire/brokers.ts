/**
 * The brokers of one cluster as a place to send requests to: any of them, one of them, or all at once. Keeps a
 * connection to each, opens them again when they break, and never insists on one that is dead.
 */
import { type Address, formatAddress } from '../lib/address.ts';
import { pause } from '../lib/deadline.ts';
import { environmentError, messageOf, OrdealError } from '../lib/errors.ts';
import type { Api } from './api.ts';
import { type Connection, openConnection } from './connection.ts';
import type { KafkaConfig } from './security.ts';

export type BrokersOptions = {
  readonly bootstrap: readonly Address[];
  readonly connection: KafkaConfig;
  readonly clientId: string;
  readonly signal?: AbortSignal | undefined;
};

/** The default deadline of a request, retries included. */
export const REQUEST_MS = 5000;
/** After the first answer, how long the other brokers may take to give theirs. */
const GRACE_MS = 250;
const RETRY_PAUSE_MS = 100;
/** An attempt that had less time says something of our deadline, and nothing of the broker. */
const TELLING_MS = 50;

const moreTelling = (before: unknown, failure: unknown, hadMs: number): unknown =>
  before === undefined || hadMs >= TELLING_MS ? failure : before;

export class Brokers {
  readonly #options: BrokersOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  #nodes: ReadonlyMap<number, Address> = new Map();
  /** The one that answered last is asked first. */
  #favourite = '';
  #closed = false;

  constructor(options: BrokersOptions) {
    this.#options = options;
  }

  /** Node ids and where they are, as of the last metadata. */
  learn(
    nodes: readonly { readonly id: number; readonly host: string; readonly port: number }[],
  ): void {
    if (nodes.length === 0) return;
    this.#nodes = new Map(nodes.map(({ id, host, port }) => [id, { host, port }]));
  }

  knows(id: number): boolean {
    return this.#nodes.has(id);
  }

  /** Asks broker `id`; `kafka.unreachable` when it is not known (yet). */
  async to<Q, S, QI>(
    id: number,
    api: Api<Q, S, QI, never>,
    request: QI,
    timeoutMs = REQUEST_MS,
  ): Promise<S> {
    const address = this.#nodes.get(id);
    if (address === undefined) {
      throw environmentError('kafka.unreachable', `no address is known of broker ${id}`);
    }
    return this.#ask(address, api, request, timeoutMs);
  }

  /**
   * Asks one broker after the other, in rounds, until one answers or the time is over. Each is given half of the
   * time left, since a slow one may only be busy, and a command asked twice may take effect twice.
   */
  async any<Q, S, QI>(api: Api<Q, S, QI, never>, request: QI, timeoutMs = REQUEST_MS): Promise<S> {
    const end = performance.now() + timeoutMs;
    let last: unknown;
    for (;;) {
      const addresses = this.#addresses();
      for (const address of addresses) {
        const left = Math.max(1, end - performance.now());
        const share = addresses.length > 1 ? left / 2 : left;
        const answer = await this.#ask(address, api, request, share).then(
          (found) => ({ found }),
          passing,
        );
        if ('found' in answer) {
          this.#favourite = formatAddress(address);
          return answer.found;
        }
        last = moreTelling(last, answer, share);
      }
      if (performance.now() + RETRY_PAUSE_MS >= end) throw this.#silence(api.name, timeoutMs, last);
      await pause(RETRY_PAUSE_MS, this.#options.signal);
    }
  }

  /** Asks all at once: the first answer, and whichever others come soon after it. Never empty. */
  async all<Q, S, QI>(
    api: Api<Q, S, QI, never>,
    request: QI,
    timeoutMs = REQUEST_MS,
  ): Promise<readonly { readonly from: Address; readonly answer: S }[]> {
    const end = performance.now() + timeoutMs;
    let last: unknown;
    for (;;) {
      const began = performance.now();
      const answers: { from: Address; answer: S }[] = [];
      const asked = this.#addresses().map(async (address) => {
        const left = Math.max(1, end - performance.now());
        answers.push({ from: address, answer: await this.#ask(address, api, request, left) });
        this.#favourite = formatAddress(address);
      });
      const everyone = Promise.allSettled(asked);
      const silent = await Promise.any(asked).then(() => null, lastPassing);
      if (silent === null) {
        await Promise.race([everyone, pause(GRACE_MS)]);
        return [...answers];
      }
      last = moreTelling(last, silent, end - began);
      if (performance.now() + RETRY_PAUSE_MS >= end) throw this.#silence(api.name, timeoutMs, last);
      await pause(RETRY_PAUSE_MS, this.#options.signal);
    }
  }

  close(): void {
    this.#closed = true;
    for (const opening of this.#connections.values()) {
      opening.then(
        (connection) => connection.close(),
        () => {}, // Whoever asked for it has been told.
      );
    }
    this.#connections.clear();
  }

  async #ask<Q, S, QI>(
    address: Address,
    api: Api<Q, S, QI, never>,
    request: QI,
    timeoutMs: number,
  ): Promise<S> {
    const end = performance.now() + timeoutMs;
    const connection = await this.#connect(address, timeoutMs);
    return connection.send(api, request, {
      timeoutMs: Math.max(1, end - performance.now()),
      signal: this.#options.signal,
    });
  }

  async #connect(address: Address, timeoutMs: number): Promise<Connection> {
    if (this.#closed) throw environmentError('kafka.closed', 'the admin client is closed');
    const key = formatAddress(address);
    const known = this.#connections.get(key);
    if (known !== undefined) {
      const connection = await known.catch(() => null);
      if (connection !== null && !connection.closed) return connection;
      if (this.#connections.get(key) === known) this.#connections.delete(key);
    }
    const again = this.#connections.get(key);
    if (again !== undefined) return again;
    const opening = openConnection(address, { ...this.#options, timeoutMs });
    this.#connections.set(key, opening);
    const forget = (): void => {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
    };
    opening.then((connection) => {
      if (this.#closed) connection.close();
    }, forget);
    return opening;
  }

  #addresses(): readonly Address[] {
    const all = new Map(
      [...this.#nodes.values(), ...this.#options.bootstrap].map((address) => [
        formatAddress(address),
        address,
      ]),
    );
    const first = all.get(this.#favourite);
    all.delete(this.#favourite);
    return first === undefined ? [...all.values()] : [first, ...all.values()];
  }

  #silence(what: string, timeoutMs: number, last: unknown): OrdealError {
    const asked = this.#addresses().map(formatAddress).join(', ');
    return environmentError(
      'kafka.unreachable',
      `no broker of ${asked} answered ${what} within ${Math.round(timeoutMs)} ms: ${messageOf(last)}`,
      { hint: hintFor(last), cause: last },
    );
  }
}

/** A listener closes connections that speak another protocol than its own, without a word. */
const hintFor = (last: unknown): string =>
  last instanceof OrdealError && last.code === 'kafka.closed'
    ? 'is the cluster up, and does it expect another security.protocol in cluster.connection?'
    : 'is the cluster up? its logs say why not';

const PASSING = ['kafka.unreachable', 'kafka.timeout', 'kafka.closed'];

/** Whether another broker, or the same a little later, may do better. */
export const isPassing = (error: unknown): boolean =>
  error instanceof OrdealError && PASSING.includes(error.code);

/** For what is passing, the error itself; anything else is thrown. */
export function passing(error: unknown): Error {
  if (!isPassing(error)) throw error;
  return error as OrdealError;
}

/** Of all that were asked in vain. */
function lastPassing(error: unknown): Error {
  const errors = error instanceof AggregateError ? error.errors : [error];
  return errors.map(passing).at(-1) ?? new Error('nobody was asked');
}

/**
 * One connection to one broker: authenticated, versions agreed on, requests pipelined and matched by correlation
 * id, each with a deadline. A request that is late closes the connection, since those behind it are late too.
 */
import type { Socket } from 'node:net';
import { type Address, formatAddress } from '../lib/address.ts';
import { environmentError, messageOf, OrdealError } from '../lib/errors.ts';
import { type Api, decodeResponse, encodeRequest } from './api.ts';
import { apiVersions, CLIENT_SOFTWARE } from './apis/api-versions.ts';
import { authenticate } from './authenticate.ts';
import { type Dialled, dial } from './dial.ts';
import { errorName } from './errors.ts';
import { FrameCutter } from './frames.ts';
import { type KafkaConfig, parseSecurity } from './security.ts';

export type SendOptions = {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type VersionRange = { readonly min: number; readonly max: number };

export interface Connection {
  readonly address: Address;
  readonly closed: boolean;
  /** What the broker speaks, by API key. */
  readonly versions: ReadonlyMap<number, VersionRange>;
  /**
   * Sends at the highest version both sides speak. Rejects with `kafka.timeout`, `kafka.closed`,
   * `kafka.protocol`, `kafka.unsupported`, or the signal's reason.
   */
  send<Q, S, QI>(api: Api<Q, S, QI, never>, request: QI, options?: SendOptions): Promise<S>;
  close(): void;
}

export type ConnectOptions = {
  readonly connection: KafkaConfig;
  /** Whom TLS must find at the other end, when a proxy is dialled for it. */
  readonly provenHost?: string;
  readonly clientId: string;
  /** For opening it as a whole, and for each request unless that says otherwise. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

type Pending = {
  readonly settle: () => void;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: unknown) => void;
};

export async function openConnection(
  address: Address,
  options: ConnectOptions,
): Promise<Connection> {
  return await open(address, options);
}

export type AgreedSocket = Dialled & {
  readonly versions: ReadonlyMap<number, VersionRange>;
};

/**
 * For whoever frames requests and answers without our tables: authenticated, versions agreed on, and nobody listens
 * to the socket. Take it up at once, before anything else can happen to it. Rejects as `openConnection`.
 */
export async function openSocket(address: Address, options: ConnectOptions): Promise<AgreedSocket> {
  const connection = await open(address, options);
  return { ...connection.release(), versions: connection.versions };
}

async function open(address: Address, options: ConnectOptions): Promise<BrokerConnection> {
  const security = parseSecurity(options.connection);
  const end = performance.now() + options.timeoutMs;
  const dialled = await dial(
    address,
    security.tls,
    options.timeoutMs,
    options.signal,
    options.provenHost,
  );
  const connection = new BrokerConnection(address, dialled, options);
  try {
    const left = (): SendOptions => ({
      timeoutMs: Math.max(1, end - performance.now()),
      signal: options.signal,
    });
    await connection.negotiate(left());
    if (security.sasl !== null) await authenticate(connection, security.sasl, left);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class BrokerConnection implements Connection {
  readonly address: Address;
  readonly #dialled: Dialled;
  readonly #socket: Socket;
  readonly #options: ConnectOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #cutter = new FrameCutter();
  #nextId = 0;
  #closed: OrdealError | null = null;
  versions: ReadonlyMap<number, VersionRange> = new Map();

  constructor(address: Address, dialled: Dialled, options: ConnectOptions) {
    const { socket } = dialled;
    this.address = address;
    this.#dialled = dialled;
    this.#socket = socket;
    this.#options = options;
    dialled.receive((chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(this.#gone(messageOf(error), error)));
    socket.on('close', () => this.#fail(this.#gone('the broker closed it')));
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /** Asks what the broker speaks; older brokers than Kafka 2.4 answer with an error. */
  async negotiate(options: SendOptions): Promise<void> {
    const answer = await this.#request(apiVersions, apiVersions.max, CLIENT_SOFTWARE, options);
    if (answer.errorCode !== 0) {
      throw environmentError(
        'kafka.unsupported',
        `${formatAddress(this.address)} answered ${errorName(answer.errorCode)} to ApiVersions`,
        { hint: 'ordeal needs Kafka 3.9 or newer' },
      );
    }
    this.versions = new Map(
      answer.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }]),
    );
  }

  async send<Q, S, QI>(
    api: Api<Q, S, QI, never>,
    request: QI,
    options: SendOptions = {},
  ): Promise<S> {
    const theirs = this.versions.get(api.key) ?? { min: 0, max: -1 };
    const version = Math.min(api.max, theirs.max);
    if (version < Math.max(api.min, theirs.min)) {
      throw environmentError(
        'kafka.unsupported',
        `${formatAddress(this.address)} speaks ${api.name} ${theirs.min} to ${theirs.max}, we ${api.min} to ${api.max}`,
        { hint: 'ordeal needs Kafka 3.9 or newer' },
      );
    }
    return this.#request(api, version, request, options);
  }

  close(): void {
    this.#fail(this.#gone('we closed it'));
  }

  /** Gives the socket away; this connection is over. */
  release(): Dialled {
    if (this.#closed !== null) throw this.#closed;
    this.#closed = this.#gone('we gave its socket away');
    for (const event of ['error', 'close']) this.#socket.removeAllListeners(event);
    return this.#dialled;
  }

  async #request<Q, S, QI>(
    api: Api<Q, S, QI, never>,
    version: number,
    request: QI,
    options: SendOptions,
  ): Promise<S> {
    if (this.#closed !== null) throw this.#closed;
    options.signal?.throwIfAborted();
    const id = this.#nextId;
    this.#nextId = (id + 1) & 0x7fffffff;
    const frame = encodeRequest(api, version, id, this.#options.clientId, request);
    const payload = await this.#exchange(id, api.name, frame, options);
    try {
      return decodeResponse(api, version, payload);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #exchange(id: number, what: string, frame: Buffer, options: SendOptions): Promise<Buffer> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#fail(this.#late(what, timeoutMs)), timeoutMs);
      const onAbort = (): void => {
        settle();
        reject(options.signal?.reason);
      };
      const settle = (): void => {
        clearTimeout(late);
        options.signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { settle, resolve, reject });
      this.#socket.write(frame);
    });
  }

  #receive(chunk: Buffer): void {
    try {
      this.#cutter.push(chunk, (frame) => {
        // An answer that nobody waits for any more was aborted by its caller.
        const pending = this.#pending.get(frame.readInt32BE(0));
        pending?.settle();
        pending?.resolve(frame);
      });
    } catch (error) {
      this.#fail(this.#unreadable(error));
    }
  }

  #fail(error: OrdealError): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#socket.destroy();
    for (const pending of [...this.#pending.values()]) {
      pending.settle();
      pending.reject(error);
    }
  }

  #gone(why: string, cause?: unknown): OrdealError {
    return environmentError(
      'kafka.closed',
      `the connection to ${formatAddress(this.address)} ended: ${why}`,
      cause === undefined ? {} : { cause },
    );
  }

  #unreadable(error: unknown): OrdealError {
    if (!(error instanceof OrdealError)) return this.#gone(messageOf(error), error);
    return environmentError(error.code, `${formatAddress(this.address)} sent ${error.message}`, {
      hint: 'is it a Kafka listener, and its security.protocol the one in cluster.connection?',
      cause: error,
    });
  }

  #late(what: string, timeoutMs: number): OrdealError {
    return environmentError(
      'kafka.timeout',
      `${formatAddress(this.address)} did not answer ${what} within ${Math.round(timeoutMs)} ms`,
    );
  }
}

/** Requests to one broker or another beside the stream of records, over a connection to each that is opened when asked for. */
import { type Address, formatAddress } from '../../lib/address.ts';
import { environmentError } from '../../lib/errors.ts';
import type { Api } from '../../wire/api.ts';
import { type Connection, openConnection } from '../../wire/connection.ts';
import type { ClientContext } from '../client.ts';

export class Calls {
  readonly #context: ClientContext;
  readonly #connections = new Map<string, Promise<Connection>>();
  #closed = false;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** Rejects as connections do; a connection that has ended is opened anew. */
  async to<Q, S, QI>(
    address: Address,
    api: Api<Q, S, QI, never>,
    request: QI,
    timeoutMs: number,
  ): Promise<S> {
    const known = this.#opening(address);
    const connection = (await known).closed ? this.#reopened(address, known) : known;
    return (await connection).send(api, request, { timeoutMs });
  }

  /** Ends whatever is asked of the broker; the next request dials it anew. */
  hangUp(address: Address): void {
    const key = formatAddress(address);
    const opening = this.#connections.get(key);
    this.#connections.delete(key);
    opening?.then(close, () => {}); // Whoever opened it has been told.
  }

  close(): void {
    this.#closed = true;
    for (const opening of this.#connections.values()) opening.then(close, () => {});
    this.#connections.clear();
  }

  #opening(address: Address): Promise<Connection> {
    const key = formatAddress(address);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const opening = this.#open(address);
    this.#connections.set(key, opening);
    opening.catch(() => this.#forget(key, opening));
    return opening;
  }

  #reopened(address: Address, ended: Promise<Connection>): Promise<Connection> {
    this.#forget(formatAddress(address), ended);
    return this.#opening(address);
  }

  #forget(key: string, opening: Promise<Connection>): void {
    if (this.#connections.get(key) === opening) this.#connections.delete(key);
  }

  async #open({ host, port }: Address): Promise<Connection> {
    if (this.#closed) throw environmentError('kafka.closed', 'the client is closed');
    const { route, connection, clientId, config } = this.#context;
    const opened = await openConnection(route(host, port), {
      ...{ connection, clientId, provenHost: host },
      timeoutMs: Number(config['socket.connection.setup.timeout.ms']),
    });
    if (this.#closed) opened.close();
    return opened;
  }
}

const close = (connection: Connection): void => connection.close();

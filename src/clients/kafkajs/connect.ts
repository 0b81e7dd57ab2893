/** One kafkajs client instance: its settings by Kafka's names, its sockets in our hands, its logging a callback. */
import { connect as connectTcp, isIP, Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import {
  type ISocketFactory,
  Kafka,
  type LogEntry,
  logLevel,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import { type Address, formatAddress } from '../../lib/address.ts';
import type { Route } from '../../lib/route.ts';
import { parseSecurity, type Sasl } from '../../wire/security.ts';
import type { ClientContext } from '../client.ts';

export type Connection = {
  readonly kafka: Kafka;
  readonly retry: RetryOptions;
  /** Cuts every connection at once, for a client that does not come to an end by itself. */
  destroySockets(): void;
};

type Wanted = Parameters<ISocketFactory>[0];

const KEEP_ALIVE_MS = 60_000;

/** `onWrite` sees every request kafkajs hands to a socket. */
export function connectKafkajs(
  context: ClientContext,
  onWrite: (request: Buffer) => void = () => {},
): Connection {
  const { config } = context;
  const { tls, sasl } = parseSecurity(context.connection);
  const sockets = new Set<Socket>();
  const retry = {
    initialRetryTime: Number(config['retry.backoff.ms']),
    maxRetryTime: Math.max(
      Number(config['retry.backoff.ms']),
      Number(config['retry.backoff.max.ms']),
    ),
    multiplier: 2,
    factor: 0.2,
    // Looking for brokers must end, so that a send's own deadline is asked again; sends have their own count.
    retries: 5,
  };
  const kafka = new Kafka({
    brokers: context.bootstrap.map(formatAddress),
    clientId: context.clientId,
    requestTimeout: Number(config['request.timeout.ms']),
    connectionTimeout: Number(config['socket.connection.setup.timeout.ms']),
    retry,
    ...(tls === null ? {} : { ssl: tls }),
    ...(sasl === null ? {} : { sasl: saslOf(sasl) }),
    socketFactory: tracked(context.route, sockets, onWrite),
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => report(context, entry),
  });
  return {
    kafka,
    retry,
    destroySockets: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const saslOf = ({ mechanism, username, password }: Sasl): SASLOptions => ({
  mechanism: mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512',
  username,
  password,
});

function tracked(
  route: Route,
  sockets: Set<Socket>,
  onWrite: (request: Buffer) => void,
): ISocketFactory {
  return (wanted) => {
    const socket = dial(wanted, route);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const write = socket.write.bind(socket);
    socket.write = ((bytes: Buffer, ...rest: []) => {
      onWrite(bytes);
      return write(bytes, ...rest);
    }) as Socket['write'];
    return socket;
  };
}

/** Whoever is dialled instead must still prove to be `host`: by name in SNI, and in the certificate. */
function dial({ host, port, ssl, onConnect }: Wanted, route: Route): Socket {
  let address: Address;
  try {
    address = route(host, port);
  } catch (error) {
    // kafkajs hears of it as of any connection that cannot be made, and tells in its own words.
    return new Socket().destroy(error as Error);
  }
  if (!ssl) return connectTcp(address, onConnect);
  return connectTls(
    {
      ...address,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
      ...ssl,
    },
    onConnect,
  );
}

function report(context: ClientContext, { namespace, log }: LogEntry): void {
  const detail = typeof log['error'] === 'string' ? `: ${log['error']}` : '';
  context.onProblem(`kafkajs.${namespace || 'client'}`, `${log.message}${detail}`);
}

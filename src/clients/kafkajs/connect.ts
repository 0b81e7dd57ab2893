/** One kafkajs client instance: its settings by Kafka's names, its sockets in our hands, its logging a callback. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type ISocketFactory,
  Kafka,
  type LogEntry,
  logLevel,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs';
import { formatAddress } from '../../lib/address.ts';
import { parseSecurity, type Sasl } from '../../wire/security.ts';
import type { ClientContext } from '../client.ts';

export type Connection = {
  readonly kafka: Kafka;
  readonly retry: RetryOptions;
  /** Cuts every connection at once, for a client that does not come to an end by itself. */
  destroySockets(): void;
};

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
    socketFactory: tracked(sockets, onWrite),
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

function tracked(sockets: Set<Socket>, onWrite: (request: Buffer) => void): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls(
          { host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl },
          onConnect,
        )
      : connectTcp({ host, port }, onConnect);
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

function report(context: ClientContext, { namespace, log }: LogEntry): void {
  const detail = typeof log['error'] === 'string' ? `: ${log['error']}` : '';
  context.onProblem(`kafkajs.${namespace || 'client'}`, `${log.message}${detail}`);
}

/** Opens a TCP or TLS socket, with one clear error per cause. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';
import { type Address, formatAddress } from '../lib/address.ts';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';

/** A socket, and what it receives. */
export type Dialled = {
  readonly socket: Socket;
  /** From now on `listener` has every chunk, which it may look at until it returns. */
  receive(listener: (chunk: Buffer) => void): void;
};

/** What sockets of this process read into, one after the other: reading from a stream costs four times as much. */
const INBOX = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * With TLS the other side must prove to be `provenHost`, which may differ from the one dialled. Rejects with
 * `kafka.unreachable`, `kafka.closed`, `kafka.tls-failed`, `kafka.timeout`, or the signal's reason.
 */
export function dial(
  address: Address,
  tls: ConnectionOptions | null,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  provenHost: string = address.host,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const dialled = tls === null ? openTcp(address) : openTls(address, tls, provenHost);
    const { socket } = dialled;
    const timer = setTimeout(() => fail(tooLate(address, timeoutMs)), timeoutMs);
    const onAbort = (): void => fail(signal?.reason);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
    };
    const fail = (reason: unknown): void => {
      settle();
      socket.on('error', () => {}); // Destroying may still report what we know already.
      socket.destroy();
      reject(reason);
    };
    const onError = (error: Error): void => fail(refused(address, tls !== null, error));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      settle();
      socket.setNoDelay(true);
      resolve(dialled);
    });
  });
}

function openTcp(address: Address): Dialled {
  let listener: (chunk: Buffer) => void = () => {}; // Brokers only answer.
  const callback = (bytes: number): boolean => {
    listener(INBOX.subarray(0, bytes));
    return true;
  };
  const socket = connectTcp({ ...address, onread: { buffer: INBOX, callback } });
  return {
    socket,
    receive: (next) => {
      listener = next;
    },
  };
}

function openTls(address: Address, tls: ConnectionOptions, provenHost: string): Dialled {
  const socket = connectTls({
    ...address,
    ...(isIP(provenHost) === 0 ? { servername: provenHost } : {}),
    checkServerIdentity: (_, certificate) => checkServerIdentity(provenHost, certificate),
    ...tls,
  });
  return {
    socket,
    receive: (next) => {
      socket.removeAllListeners('data');
      socket.on('data', next);
    },
  };
}

const tooLate = (address: Address, timeoutMs: number): OrdealError =>
  environmentError(
    'kafka.timeout',
    `${formatAddress(address)} did not accept a connection within ${timeoutMs} ms`,
  );

const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'];

function refused(address: Address, tls: boolean, error: Error): OrdealError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const at = formatAddress(address);
  if (!tls || NOT_REACHED.includes(code)) {
    return environmentError('kafka.unreachable', `${at} cannot be reached: ${messageOf(error)}`, {
      hint: 'is the broker up, and is the address right?',
      cause: error,
    });
  }
  // A listener without TLS does this, and a broker that is going down, which may pass.
  if (code === 'ECONNRESET') {
    return environmentError('kafka.closed', `${at} ended the TLS handshake: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return environmentError('kafka.tls-failed', `TLS with ${at} failed: ${messageOf(error)}`, {
    hint: 'check ssl.* in cluster.connection against the listener',
    cause: error,
  });
}

/** Opens a TCP or TLS socket, with one clear error per cause. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';
import { type Address, formatAddress } from '../lib/address.ts';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';

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
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = open(address, tls, provenHost);
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
      resolve(socket);
    });
  });
}

function open(address: Address, tls: ConnectionOptions | null, provenHost: string): Socket {
  if (tls === null) return connectTcp(address);
  return connectTls({
    ...address,
    ...(isIP(provenHost) === 0 ? { servername: provenHost } : {}),
    checkServerIdentity: (_, certificate) => checkServerIdentity(provenHost, certificate),
    ...tls,
  });
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

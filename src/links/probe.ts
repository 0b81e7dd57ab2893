/**
 * Dials an address as a Kafka client would and sends one request, to see what a connection through a link meets.
 * The frame is ApiVersions version 0, the one request that every listener of every Kafka answers.
 */
import { connect } from 'node:net';
import type { Address } from '../lib/address.ts';
import type { LinkProbe } from './links.ts';

const CLIENT_ID = Buffer.from('ordeal-probe');
/** The longest client id there is makes a request of 32 KiB. */
const LONG_CLIENT_ID = Buffer.alloc(32_000, 'ordeal-probe ');
const API_VERSIONS = 18;
const CORRELATION_ID = 1;

/** Size, api key, api version, correlation id, client id; version 0 has no body. */
function apiVersionsRequest(clientId: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + clientId.length, 0);
  header.writeInt16BE(API_VERSIONS, 4);
  header.writeInt16BE(0, 6);
  header.writeInt32BE(CORRELATION_ID, 8);
  header.writeInt16BE(clientId.length, 12);
  return Buffer.concat([header, clientId]);
}

const REQUEST = apiVersionsRequest(CLIENT_ID);
const BIG_REQUEST = apiVersionsRequest(LONG_CLIENT_ID);

/** How many whole answers to our request are there. */
function answersIn(bytes: Buffer): number {
  let answers = 0;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end > bytes.length || bytes.readInt32BE(at + 4) !== CORRELATION_ID) break;
    answers++;
    at = end;
  }
  return answers;
}

/**
 * Never takes longer than `timeoutMs` and never throws. A connection that is closed without an answer counts as
 * `refused`: that is how a proxy says that there is nobody behind it.
 */
export function probeAddress(
  address: Address,
  timeoutMs: number,
  requests?: number,
): Promise<LinkProbe> {
  const sent = requests === undefined ? REQUEST : Buffer.concat(Array(requests).fill(BIG_REQUEST));
  return new Promise((resolve) => {
    const socket = connect({ ...address, noDelay: true });
    let sentAt = performance.now();
    let received = Buffer.alloc(0);
    const end = (state: LinkProbe['state'], roundTripMs: number | null = null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ state, roundTripMs });
    };
    const timer = setTimeout(() => end('silent'), timeoutMs);
    socket.on('connect', () => {
      sentAt = performance.now();
      socket.write(sent);
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (answersIn(received) >= (requests ?? 1)) end('answered', performance.now() - sentAt);
    });
    socket.on('end', () => end('refused'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    );
  });
}

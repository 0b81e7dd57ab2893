/**
 * Dials an address as a Kafka client would and sends one request, to see what a connection through a link meets.
 * The frame is ApiVersions version 0, the one request that every listener of every Kafka answers.
 */
import { connect } from 'node:net';
import type { Address } from '../lib/address.ts';
import type { LinkProbe } from './links.ts';

const CLIENT_ID = Buffer.from('ordeal-probe');
const API_VERSIONS = 18;
const CORRELATION_ID = 1;

/** Size, api key, api version, correlation id, client id; version 0 has no body. */
function apiVersionsRequest(): Buffer {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + CLIENT_ID.length, 0);
  header.writeInt16BE(API_VERSIONS, 4);
  header.writeInt16BE(0, 6);
  header.writeInt32BE(CORRELATION_ID, 8);
  header.writeInt16BE(CLIENT_ID.length, 12);
  return Buffer.concat([header, CLIENT_ID]);
}

const REQUEST = apiVersionsRequest();

/** True once the whole answer to our request is there. */
const isAnswer = (bytes: Buffer): boolean =>
  bytes.length >= 8 &&
  bytes.length >= 4 + bytes.readInt32BE(0) &&
  bytes.readInt32BE(4) === CORRELATION_ID;

/**
 * Never takes longer than `timeoutMs` and never throws. A connection that is closed without an answer counts as
 * `refused`: that is how a proxy says that there is nobody behind it.
 */
export function probeAddress(address: Address, timeoutMs: number): Promise<LinkProbe> {
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
      socket.write(REQUEST);
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (isAnswer(received)) end('answered', performance.now() - sentAt);
    });
    socket.on('end', () => end('refused'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'),
    );
  });
}

/**
 * Free loopback ports. They are taken from below the range that systems give to outgoing connections (32768 on
 * Linux), so that a killed broker finds its port still free when it starts again.
 */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { environmentError } from '../lib/errors.ts';

const FIRST = 15_000;
const LAST = 32_000;
const ATTEMPTS = 2000;

/** `count` distinct ports that nothing listened on a moment ago. Throws `ports.none`. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = new Map<number, Server>();
  try {
    for (let attempt = 0; held.size < count && attempt < ATTEMPTS; attempt++) {
      const port = randomInt(FIRST, LAST);
      const server = held.has(port) ? undefined : await listen(port);
      if (server !== undefined) held.set(port, server);
    }
  } finally {
    await Promise.all([...held.values()].map((server) => closed(server)));
  }
  if (held.size < count) {
    throw environmentError('ports.none', `no ${count} free ports between ${FIRST} and ${LAST}`, {
      hint: 'see what listens there: ss -ltn',
    });
  }
  return [...held.keys()];
}

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      ['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
    );
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

/** The probe tells apart what a connection can meet, against servers that do each of it. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { probeAddress } from '../../src/links/probe.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listening = (onConnection: (socket: Socket) => void) =>
  new Promise<{ host: string; port: number }>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    });
  });

/** Size, correlation id, error code, no api keys. */
const answer = (correlation: number): Buffer => {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10, 0);
  bytes.writeInt32BE(correlation, 4);
  return bytes;
};

test('a whole answer to its own request, however it is cut', async () => {
  const address = await listening((socket) =>
    socket.once('data', (request) => {
      expect(request.readInt32BE(0)).toBe(request.length - 4);
      expect(request.readInt16BE(4)).toBe(18);
      const bytes = answer(request.readInt32BE(8));
      socket.write(bytes.subarray(0, 5));
      setTimeout(() => socket.write(bytes.subarray(5)), 20);
    }),
  );
  const probed = await probeAddress(address, 5000);
  expect(probed.state).toBe('answered');
  expect(probed.roundTripMs).toBeGreaterThan(0);
});

test('an answer to another request is none', async () => {
  const address = await listening((socket) => socket.write(answer(99)));
  expect(await probeAddress(address, 100)).toEqual({ state: 'silent', roundTripMs: null });
});

test('silence', async () => {
  const address = await listening(() => {});
  expect(await probeAddress(address, 100)).toEqual({ state: 'silent', roundTripMs: null });
});

test('a reset', async () => {
  const address = await listening((socket) => socket.once('data', () => socket.resetAndDestroy()));
  expect(await probeAddress(address, 5000)).toEqual({ state: 'reset', roundTripMs: null });
});

test('nobody there, and a proxy with nobody behind it', async () => {
  const address = await listening((socket) => socket.end());
  expect((await probeAddress(address, 5000)).state).toBe('refused');
  servers.splice(0).forEach((server) => {
    server.close();
  });
  expect((await probeAddress(address, 5000)).state).toBe('refused');
});

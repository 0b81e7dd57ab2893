/** Connections that fail, each in its own way. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { metadata } from '../../src/wire/apis/metadata.ts';
import { openConnection } from '../../src/wire/connection.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

async function serve(onSocket: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 };
}

const open = (address: { host: string; port: number }, timeoutMs = 300, signal?: AbortSignal) =>
  openConnection(address, { connection: {}, clientId: 't', timeoutMs, signal });

describe('opening', () => {
  test('nobody listens', async () => {
    const address = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    await expect(open(address)).rejects.toMatchObject({ code: 'kafka.unreachable' });
  });

  test('nobody answers', async () => {
    const address = await serve(() => {});
    await expect(open(address)).rejects.toMatchObject({ code: 'kafka.timeout' });
  });

  test('somebody hangs up', async () => {
    const address = await serve((socket) => socket.end());
    await expect(open(address)).rejects.toMatchObject({ code: 'kafka.closed' });
  });

  test('somebody speaks something else', async () => {
    const address = await serve((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(open(address)).rejects.toMatchObject({ code: 'kafka.protocol' });
  });

  test('it is aborted', async () => {
    const address = await serve(() => {});
    const abort = new AbortController();
    const opening = open(address, 5000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });
});

describe('requests', () => {
  test('many at once are answered each with its own', async () => {
    await using broker = await startLyingBroker({ topics: { a: 1, b: 2 } });
    const [address] = broker.addresses;
    if (address === undefined) throw new Error('no address');
    const connection = await open(address, 5000);
    const ask = (name: string) => connection.send(metadata, { topics: [{ name }] });
    const names = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 'a' : 'b'));
    const answers = await Promise.all(names.map(ask));
    expect(answers.map(({ topics }) => topics[0]?.name)).toEqual(names);
    connection.close();
    await expect(ask('a')).rejects.toMatchObject({ code: 'kafka.closed' });
  });

  test('one that is late closes the connection for all behind it', async () => {
    await using broker = await startLyingBroker({ topics: { a: 1 } });
    const [address] = broker.addresses;
    if (address === undefined) throw new Error('no address');
    const connection = await open(address, 5000);
    broker.stall(2000);
    const late = connection.send(metadata, { topics: null }, { timeoutMs: 50 });
    const behind = connection.send(metadata, { topics: null });
    await expect(late).rejects.toMatchObject({ code: 'kafka.timeout' });
    await expect(behind).rejects.toMatchObject({ code: 'kafka.timeout' });
    expect(connection.closed).toBe(true);
  });
});

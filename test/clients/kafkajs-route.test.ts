/**
 * kafkajs dials the route of an address and still wants the address it asked for at the other end: an honest broker
 * behind a proxy is taken, one with another's certificate is not.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectKafkajs } from '../../src/clients/kafkajs/connect.ts';
import { COMMON } from '../../src/clients/setting.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { createRoute } from '../../src/lib/route.ts';
import { openConnection } from '../../src/wire/connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'ordeal-route-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the server was asked for, and whether the client stayed. */
type Guest = { readonly servername: string | false | null };

let server: Server;
let guests: Guest[] = [];

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-keyout', key, '-out', cert, '-subj', '/CN=kafka'],
      ...['-addext', 'subjectAltName=DNS:kafka-1.example,IP:10.9.8.7'],
    ],
    { stdio: 'ignore' },
  );
  server = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (socket: TLSSocket) => {
      guests.push({ servername: (socket as { servername?: string | false }).servername ?? null });
      socket.on('error', () => {});
      socket.on('data', () => socket.destroy());
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

const proxy = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
const security = (more: Record<string, string> = {}) => ({
  'security.protocol': 'SSL',
  'ssl.truststore.location': join(folder, 'cert.pem'),
  ...more,
});

/** What kafkajs says of a cluster whose only broker is at `host`, behind the proxy. */
async function meet(host: string, connection: Record<string, string>): Promise<string> {
  guests = [];
  const problems: string[] = [];
  const config = Object.fromEntries(
    Object.entries(COMMON).map(([name, { fallback }]) => [name, fallback]),
  );
  const { kafka } = connectKafkajs({
    bootstrap: [{ host, port: 9093 }],
    route: createRoute({ routes: [{ to: { host, port: 9093 }, via: proxy() }], others: 'refused' }),
    connection,
    config: { ...config, 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '1' },
    clientId: 'test',
    topic: 'orders',
    clock: createClock(monotonicNs()),
    onProblem: (_, message) => problems.push(message),
  });
  const admin = kafka.admin({ retry: { retries: 0 } });
  const error: unknown = await admin.connect().catch((refused: unknown) => refused);
  return [String(error), ...problems].join('\n');
}

describe('behind a proxy', () => {
  test('the name that was asked for is wanted, and told to the server', async () => {
    const words = await meet('kafka-1.example', security());
    expect(guests.map(({ servername }) => servername)).toContain('kafka-1.example');
    expect(words).not.toMatch(/certificate|altnames/i);
  });

  test('an address of numbers is found in the certificate too', async () => {
    const words = await meet('10.9.8.7', security());
    expect(guests.length).toBeGreaterThan(0);
    expect(words).not.toMatch(/certificate|altnames/i);
  });

  test.each(['kafka-2.example', '10.9.8.6'])('%s has no such certificate', async (host) => {
    expect(await meet(host, security())).toMatch(/altnames/);
  });

  test('unless nobody asks for names', async () => {
    const lax = security({ 'ssl.endpoint.identification.algorithm': '' });
    expect(await meet('kafka-2.example', lax)).not.toMatch(/altnames/);
    expect(guests.length).toBeGreaterThan(0);
  });

  test('our own client wants it as well', async () => {
    const options = { connection: security(), clientId: 'test', timeoutMs: 2000 };
    const wrong = openConnection(proxy(), { ...options, provenHost: 'kafka-2.example' });
    await expect(wrong).rejects.toMatchObject({ code: 'kafka.tls-failed' });
    const right = openConnection(proxy(), { ...options, provenHost: 'kafka-1.example' });
    await expect(right).rejects.toMatchObject({ code: 'kafka.closed' });
  });
});

test('an address that must not be dialled is told and not dialled', async () => {
  guests = [];
  const { kafka } = connectKafkajs({
    bootstrap: [proxy()],
    route: createRoute({ routes: [], others: 'refused' }),
    connection: security(),
    config: { 'request.timeout.ms': '1000', 'socket.connection.setup.timeout.ms': '1000' },
    clientId: 'test',
    topic: 'orders',
    clock: createClock(monotonicNs()),
    onProblem: () => {},
  });
  const admin = kafka.admin({ retry: { retries: 0 } });
  await expect(admin.connect()).rejects.toThrow(/appeared after the run had begun/);
  expect(guests).toEqual([]);
});

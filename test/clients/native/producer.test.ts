/** What only the native client does: numbers, pipelining and requests of many partitions, against a broker that checks. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ProducerClient, SendResult } from '../../../src/clients/client.ts';
import { createNativeProducer } from '../../../src/clients/native/producer.ts';
import { resolveConfig } from '../../../src/clients/resolve.ts';
import type { Address } from '../../../src/lib/address.ts';
import { createClock, monotonicNs } from '../../../src/lib/clock.ts';
import type { Route } from '../../../src/lib/route.ts';
import { produceLoad } from '../../load/fake-client.ts';
import type { Lie } from '../../lying-broker/lies.ts';
import { type LyingBroker, startLyingBroker } from '../../lying-broker/lying-broker.ts';
import { RUN_ID, stamped } from '../../lying-broker/traffic.ts';

const PARTITIONS = 4;

let opened: ProducerClient[] = [];
afterEach(async () => {
  await Promise.all(opened.map((producer) => producer.close(100)));
  opened = [];
});

const broker = (lies: readonly Lie[] = [], nodes = 1): Promise<LyingBroker> =>
  startLyingBroker({ topics: { orders: PARTITIONS }, checksSequences: true, lies, nodes });

type Options = {
  readonly config?: Record<string, string>;
  readonly firstSequence?: number;
  readonly route?: Route;
};

async function open(at: LyingBroker, { config, firstSequence, route }: Options = {}) {
  const problems: string[] = [];
  const heardAtMs: number[] = [];
  const settings = { 'enable.idempotence': 'true', 'retry.backoff.ms': '20', ...config };
  const producer = createNativeProducer(
    {
      bootstrap: at.addresses,
      route: route ?? ((host, port) => ({ host, port })),
      connection: {},
      config: resolveConfig(produceLoad({ client: 'native', config: settings })),
      clientId: 'test',
      topic: 'orders',
      clock: createClock(monotonicNs()),
      onProblem: (_, message) => {
        problems.push(message);
        heardAtMs.push(performance.now());
      },
      source: {
        headers: {},
        keyOf: () => null,
        valueOf: stamped,
        fixed: {
          runId: RUN_ID,
          bytes: 100,
          sample: (i) => stamped(0, i),
          intendedUs: () => 0,
          intendedInto: () => {},
          spacingUs: () => null,
        },
      },
      sends: 'one-partition',
      afterGivingUp: 'renew',
    },
    firstSequence === undefined ? {} : { firstSequence },
  );
  opened.push(producer);
  await producer.connect();
  const next: number[] = [];
  const send = (partition = 0, count = 10): Promise<SendResult> => {
    const first = next[partition] ?? 0;
    next[partition] = first + count;
    const slice = { stream: partition, partition, firstSequence: first, count };
    return new Promise((resolve) => {
      producer.send(slice, resolve);
    });
  };
  return { producer, problems, heardAtMs, send };
}

const outcomes = (results: readonly SendResult[]): string[] => results.map((one) => one.outcome);
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

test('what is given together leaves together, one request for the partitions of a broker', async () => {
  await using at = await broker();
  const { send } = await open(at);
  await Promise.all(times(PARTITIONS, (partition) => send(partition)));
  expect(at.log).toHaveLength(PARTITIONS);
  expect(new Set(at.log.map(({ receivedUs }) => receivedUs)).size).toBe(1);
});

test('max.request.size bounds what leaves together', async () => {
  await using at = await broker();
  const { send } = await open(at, { config: { 'max.request.size': '32768' } });
  await Promise.all(times(PARTITIONS, (partition) => send(partition)));
  expect(new Set(at.log.map(({ receivedUs }) => receivedUs)).size).toBe(2);
});

test('batches of one partition follow each other without waiting, in their order', async () => {
  await using at = await broker([{ kind: 'delay', ms: 150 }]);
  const { send } = await open(at);
  const results = await Promise.all(times(5, () => send()));
  expect(results.map(({ baseOffset }) => baseOffset)).toEqual([0, 10, 20, 30, 40]);
  const [first] = results as [SendResult];
  for (const { writtenUs } of results) expect(writtenUs - first.writtenUs).toBeLessThan(100_000);
});

test.each([2 ** 31 - 15, 2 ** 31 - 10, 2 ** 31 - 1])('numbers wrap: from %i on', async (first) => {
  await using at = await broker();
  const { send } = await open(at, { firstSequence: first });
  const results = await Promise.all(times(5, () => send()));
  expect(outcomes(results)).toEqual(times(5, () => 'acknowledged'));
  expect(at.endOffset('orders', 0)).toBe(50);
});

test('what is behind a batch that is sent again follows it, and nothing is written twice', async () => {
  for (const appended of [true, false]) {
    await using at = await broker([{ kind: 'error', code: 7, from: 1, appended }]);
    const { send } = await open(at);
    const results = await Promise.all(times(4, () => send()));
    expect(results.map(({ baseOffset }) => baseOffset)).toEqual([0, 10, 20, 30]);
    expect(at.endOffset('orders', 0)).toBe(40);
  }
});

test('what is behind a batch that was refused goes on under the next epoch', async () => {
  await using at = await broker([{ kind: 'error', code: 10, from: 1 }]);
  const { send } = await open(at);
  const results = await Promise.all(times(4, () => send()));
  expect(outcomes(results)).toEqual(['acknowledged', 'failed', 'acknowledged', 'acknowledged']);
  expect(at.endOffset('orders', 0)).toBe(30);
});

test('what may be in the log under an old number is not written again under a new one', async () => {
  // The second is in the log and its answer says nothing; the first, sent again before it, is refused for good.
  await using at = await broker([
    { kind: 'error', code: 7, from: 0 },
    { kind: 'error', code: 7, from: 1, appended: true },
    { kind: 'error', code: 10, from: 2 },
    { kind: 'error', code: 7, from: 3 },
  ]);
  const { send } = await open(at);
  const results = await Promise.all(times(2, () => send()));
  expect(outcomes(results)).toEqual(['unknown', 'unknown']);
  expect(await send()).toMatchObject({ outcome: 'acknowledged', baseOffset: 10 });
  expect(at.endOffset('orders', 0)).toBe(20);
});

test.each([47, 90])('who was fenced (%i) goes on with a producer id of its own', async (code) => {
  await using at = await broker([{ kind: 'error', code }]);
  const { send } = await open(at);
  expect((await send()).outcome).toBe('failed');
  expect(await send()).toMatchObject({ outcome: 'acknowledged', baseOffset: 0 });
});

test('46 says that it was appended before', async () => {
  await using at = await broker([{ kind: 'error', code: 46 }]);
  const { send } = await open(at);
  expect(await send()).toMatchObject({ outcome: 'acknowledged', errorCode: 0, baseOffset: -1 });
});

test('a hint to the new leader is followed without a pause', async () => {
  await using at = await broker([], 2);
  const { send } = await open(at, {
    config: { 'retry.backoff.ms': '30000', 'retry.backoff.max.ms': '30000' },
  });
  await send();
  at.move('orders', 0, 2);
  expect(await send()).toMatchObject({ outcome: 'acknowledged', attempts: 2, baseOffset: 10 });
});

test('a broker that is killed is followed by another, and nothing is lost or doubled', async () => {
  await using at = await broker([], 2);
  const { send } = await open(at);
  await send();
  await at.kill(1);
  const waiting = Promise.all(times(3, () => send()));
  at.move('orders', 0, 2);
  expect(outcomes(await waiting)).toEqual(times(3, () => 'acknowledged'));
  expect(at.endOffset('orders', 0)).toBe(40);
});

/** In front of a broker: what it answers passes through `change`. */
async function proxy(to: Address, change: (answer: Buffer) => Buffer): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(to.port, to.host);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.pipe(upstream);
    upstream.on('data', (answer: Buffer) => client.write(change(answer)));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('an answer to another request ends the connection, and the batch is sent again', async () => {
  await using at = await broker();
  const [address] = at.addresses as [Address];
  let confused = 0;
  const server = await proxy(address, (answer) => {
    // Of the first answer to a Produce request: the only ones that name the topic without its brokers.
    const produced = answer.includes('orders') && !answer.includes('127.0.0.1');
    if (produced && confused++ === 0) answer.writeInt32BE(answer.readInt32BE(4) + 1, 4);
    return answer;
  });
  const { port } = server.address() as AddressInfo;
  const { send, problems } = await open(at, { route: (host) => ({ host, port }) });
  expect(await send()).toMatchObject({ outcome: 'acknowledged', attempts: 2, baseOffset: 0 });
  expect(problems.join('\n')).toMatch(/an answer to 1, not to 0/);
  expect(at.endOffset('orders', 0)).toBe(10);
  server.close();
});

test('answers that come in pieces are put together', async () => {
  await using at = await broker();
  const [address] = at.addresses as [Address];
  const server = createServer((client) => {
    const upstream = connect(address.port, address.host);
    client.pipe(upstream);
    client.setNoDelay(true);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    upstream.on('data', async (answer: Buffer) => {
      upstream.pause();
      for (let i = 0; i < answer.length; i += 7) {
        client.write(answer.subarray(i, i + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      upstream.resume();
    });
    client.once('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { send } = await open(at, { route: (host) => ({ host, port }) });
  const results = await Promise.all(times(12, (i) => send(i % PARTITIONS)));
  expect(outcomes(results)).toEqual(times(12, () => 'acknowledged'));
  server.close();
});

test('a broker that stays away is called less and less often', async () => {
  await using at = await broker();
  const config = { 'retry.backoff.ms': '20', 'retry.backoff.max.ms': '30000' };
  const { producer, problems, heardAtMs, send } = await open(at, { config });
  await send();
  await at.kill(1);
  void send();
  // Calls come about 20, 40, 80 … ms after each other, and each says that it was in vain.
  const calls = (): number[] =>
    heardAtMs.filter((_, i) => problems[i]?.startsWith('broker 1: 127.0.0.1'));
  await expect.poll(() => calls().length, { timeout: 20_000 }).toBeGreaterThan(4);
  const [fourth = 0, fifth = 0] = calls().slice(3);
  expect(fifth - fourth).toBeGreaterThan(100);
  await producer.close(100);
});

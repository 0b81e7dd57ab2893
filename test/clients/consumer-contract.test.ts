/**
 * What every client's consumer owes the group and whoever looks on, against a broker that knows what it holds: every
 * record, in the order of the log, committed only after it was handed over, wherever leaders and members go meanwhile.
 */
import { CompressionTypes, type Producer } from 'kafkajs';
import { afterEach, describe, expect, test } from 'vitest';
import { loadClient } from '../../src/clients/registry.ts';
import type { ClientName } from '../../src/scenario/scenario.ts';
import {
  type LyingBroker,
  type LyingBrokerOptions,
  startLyingBroker,
} from '../lying-broker/lying-broker.ts';
import { client as kafka, sendBatch, stamped } from '../lying-broker/traffic.ts';
import { Reader } from './consumer-driver.ts';

const CLIENTS: readonly ClientName[] = ['kafkajs', 'native'];
const SOON = { timeout: 20_000 };

const start = (options: Partial<LyingBrokerOptions> = {}): Promise<LyingBroker> =>
  startLyingBroker({ topics: { orders: 2 }, ...options });

async function producing(broker: LyingBroker, work: (producer: Producer) => Promise<unknown>) {
  const producer = kafka(broker).producer();
  await producer.connect();
  await work(producer);
  await producer.disconnect();
}

/** Ten records more to each partition. */
const fill = (broker: LyingBroker, first = 0): Promise<void> =>
  producing(broker, async (producer) => {
    for (const partition of [0, 1]) {
      await sendBatch(producer, 'orders', partition, partition, first, 10);
    }
  });

const expected = (count: number, from = 0): string[] =>
  [0, 1].flatMap((partition) =>
    Array.from(
      { length: count - from },
      (_, i) => `${partition}/${String(from + i).padStart(4, '0')}`,
    ),
  );

let open: Reader[] = [];
afterEach(async () => {
  await Promise.all(open.map(({ client }) => client.close(2000)));
  open = [];
});
async function reading(...args: Parameters<typeof Reader.make>): Promise<Reader> {
  const reader = await Reader.make(...args);
  open.push(reader);
  await reader.client.start();
  return reader;
}

describe.each(CLIENTS)('%s', { timeout: 60_000 }, (library) => {
  test('reads everything in order, commits it, and another goes on behind it', async () => {
    await using broker = await start({ nodes: 2 });
    await fill(broker);
    const first = await reading(broker, library);
    await expect.poll(() => first.all.length, SOON).toBe(20);
    await fill(broker, 10);
    await expect.poll(() => first.all, SOON).toEqual(expected(20));
    expect(first.read.filter((one) => one.startsWith('0'))).toEqual(expected(20).slice(0, 20));
    expect(first.read).toHaveLength(40);
    await first.client.close(5000);
    expect(first.committed.map((nexts) => nexts.at(-1))).toEqual([20, 20]);
    expect(first.assigned).toEqual([]);
    await fill(broker, 20);
    const second = await reading(broker, library);
    await expect.poll(() => second.all, SOON).toEqual(expected(30, 20));
  });

  test('commits nothing that is still in hand', async () => {
    await using broker = await start({ topics: { orders: 1 } });
    await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, 0, 10));
    const reader = await Reader.make(broker, library);
    open.push(reader);
    let letGo = (): void => {};
    reader.held = new Promise((resolve) => {
      letGo = resolve;
    });
    await reader.client.start();
    await expect.poll(() => reader.read.length, SOON).toBe(10);
    // It takes several times as long as the interval of commits.
    await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, 10, 10));
    expect(reader.committed).toEqual([]);
    letGo();
    await expect.poll(() => reader.committed[0]?.at(-1), SOON).toBe(20);
  });

  test('hands over so many at a time, and leaves the rest to the next when it is told to go', async () => {
    await using broker = await start({ topics: { orders: 1 } });
    await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, 0, 10));
    const slow = await Reader.make(broker, library, {}, 3);
    open.push(slow);
    let letGo = (): void => {};
    const holding = (): Promise<void> =>
      new Promise((resolve) => {
        letGo = resolve;
      });
    slow.held = holding();
    await slow.client.start();
    await expect.poll(() => slow.read.length, SOON).toBe(3);
    const first = letGo;
    slow.held = holding();
    first();
    // The first three are committed while the next are in hand.
    await expect.poll(() => slow.committed[0]?.at(-1), SOON).toBe(3);
    expect(slow.read).toHaveLength(6);
    const closed = slow.client.close(5000);
    letGo();
    await closed;
    expect(slow.read).toHaveLength(6);
    expect(slow.committed[0]?.at(-1)).toBe(6);
    const next = await reading(broker, library, {}, 3);
    await expect.poll(() => next.offsets, SOON).toEqual([6, 7, 8, 9]);
  });

  test('shares with others, takes over from them, and joins again when told to', async () => {
    await using broker = await start();
    const one = await reading(broker, library);
    expect(one.assigned).toEqual([0, 1]);
    const other = await reading(broker, library);
    await expect.poll(() => [...one.assigned, ...other.assigned].sort(), SOON).toEqual([0, 1]);
    expect(one.assigned).toHaveLength(1);
    await fill(broker);
    await expect
      .poll(() => [...new Set([...one.read, ...other.read])].sort(), SOON)
      .toEqual(expected(10));
    await other.client.rejoin();
    await expect.poll(() => other.revocations, SOON).toBeGreaterThan(0);
    await expect.poll(() => other.assigned.length, SOON).toBe(1);
    await other.client.close(5000);
    await expect.poll(() => one.assigned, SOON).toEqual([0, 1]);
    await fill(broker, 10);
    await expect
      .poll(() => [...new Set([...one.read, ...other.read])].sort(), SOON)
      .toEqual(expected(20));
  });

  test('follows a leader', async () => {
    await using broker = await start({ nodes: 2 });
    await fill(broker);
    const reader = await reading(broker, library);
    await expect.poll(() => reader.all.length, SOON).toBe(20);
    broker.move('orders', 0, 2);
    await fill(broker, 10);
    await expect.poll(() => reader.all, SOON).toEqual(expected(20));
  });

  test('begins where it is told to', async () => {
    await using broker = await start();
    await fill(broker);
    const reader = await reading(broker, library, { 'auto.offset.reset': 'latest' });
    // It is at the end once it reads what came after it joined; until then that may have been there before.
    let next = 10;
    await expect
      .poll(async () => {
        await fill(broker, next);
        next += 10;
        return new Set(reader.read.map((one) => one[0])).size;
      }, SOON)
      .toBe(2);
    expect(reader.all).not.toContain('0/0000');
    expect(reader.all).not.toContain('1/0009');
  });

  test.each(['read_committed', 'read_uncommitted'])('%s', async (isolation) => {
    await using broker = await start({ topics: { orders: 1 } });
    const producer = kafka(broker).producer({ transactionalId: 'one', idempotent: true });
    await producer.connect();
    for (const [first, end] of [
      [0, 'commit'],
      [10, 'abort'],
      [20, 'commit'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({
        topic: 'orders',
        messages: Array.from({ length: 10 }, (_, i) => ({
          partition: 0,
          value: stamped(0, first + i),
        })),
      });
      await transaction[end]();
    }
    await producer.disconnect();
    const reader = await reading(broker, library, { 'isolation.level': isolation });
    const numbers = isolation === 'read_committed' ? [0, 2] : [0, 1, 2];
    const wanted = numbers.flatMap((ten) => Array.from({ length: 10 }, (_, i) => `0/00${ten}${i}`));
    await expect.poll(() => reader.all, SOON).toEqual(wanted);
    // The marker at the end is passed too.
    await expect.poll(() => reader.committed[0]?.at(-1), SOON).toBe(33);
  });

  test.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('unpacks %s', async (_, compression) => {
    await loadClient('kafkajs'); // It brings kafkajs its codecs.
    await using broker = await start({ topics: { orders: 1 } });
    await producing(broker, (producer) =>
      producer.send({
        topic: 'orders',
        compression,
        messages: Array.from({ length: 10 }, (_, i) => ({ partition: 0, value: stamped(0, i) })),
      }),
    );
    const reader = await reading(broker, library);
    await expect.poll(() => reader.all, SOON).toEqual(expected(10).slice(0, 10));
  });

  test('goes on where the log begins, when that has gone beyond it', async () => {
    await using broker = await start({ topics: { orders: 1 } });
    for (let i = 0; i < 3; i++) {
      await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, i * 10, 10));
    }
    const first = await reading(broker, library, { 'max.partition.fetch.bytes': '100' });
    await expect.poll(() => first.all.length, SOON).toBe(30);
    await first.client.close(5000);
    await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, 30, 10));
    await producing(broker, (producer) => sendBatch(producer, 'orders', 0, 0, 40, 10));
    broker.deleteBefore('orders', 0, 40);
    const second = await reading(broker, library);
    await expect.poll(() => second.all, SOON).toEqual(expected(50, 40).slice(0, 10));
  });
});

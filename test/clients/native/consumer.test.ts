/** The native consumer where its group, its leaders or its log do what they do seldom. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ConsumedBatch } from '../../../src/clients/client.ts';
import { KnownBodies } from '../../../src/clients/native/known-body.ts';
import { measure, openStretch, type Stretch } from '../../../src/clients/native/stretch.ts';
import { encodeBatch } from '../../../src/wire/encode-batch.ts';
import { ProtocolError } from '../../../src/wire/protocol-error.ts';
import { startLyingBroker } from '../../lying-broker/lying-broker.ts';
import { sendTen } from '../../lying-broker/traffic.ts';
import { Reader } from '../consumer-driver.ts';

const SOON = { timeout: 20_000 };
const ONE = { topics: { orders: 1 } };

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

test('whose place was given away has its commit refused, joins again and goes on from the last good one', async () => {
  await using broker = await startLyingBroker(ONE);
  await sendTen(broker, 'orders', 1);
  const config = { 'session.timeout.ms': '400', 'heartbeat.interval.ms': '60000' };
  const reader = await reading(broker, 'native', { ...config, 'auto.commit.interval.ms': '60000' });
  await expect.poll(() => reader.read.length, SOON).toBe(10);
  open.push(await Reader.make(broker, 'native', { 'heartbeat.interval.ms': '50' }));
  // The first one's session ends without a heartbeat, and the other gets everything, once again.
  const other = open[1] as Reader;
  await other.client.start();
  expect(other.assigned).toEqual([0]);
  await expect.poll(() => other.read.length, SOON).toBe(10);
  await expect.poll(() => other.committed[0]?.at(-1), SOON).toBe(10);
  await reader.client.close(2000);
  expect(reader.committed).toEqual([]);
  expect(reader.problems.join('\n')).toMatch(/native.commit.*UNKNOWN_MEMBER_ID/);
});

test('who is a member no more joins again by itself', async () => {
  await using broker = await startLyingBroker(ONE);
  const config = { 'session.timeout.ms': '200', 'heartbeat.interval.ms': '400' };
  const reader = await reading(broker, 'native', config);
  await expect.poll(() => reader.revocations, SOON).toBeGreaterThan(1);
  await sendTen(broker, 'orders', 1);
  await expect.poll(() => new Set(reader.read).size, SOON).toBe(10);
});

test('hands over what fails its checksum, and says so', async () => {
  await using broker = await startLyingBroker({
    ...ONE,
    lies: [{ kind: 'corrupt', how: 'bytes', from: 1 }],
  });
  await sendTen(broker, 'orders', 3);
  const reader = await reading(broker, 'native');
  await expect.poll(() => reader.read.length, SOON).toBe(30);
  expect(reader.problems).toContainEqual(
    expect.stringMatching(/native.damaged: partition 0, batch at 10: its checksum is wrong/),
  );
});

test('reads a log that was cut behind it from its beginning', async () => {
  await using broker = await startLyingBroker(ONE);
  await sendTen(broker, 'orders', 3);
  const reader = await reading(broker, 'native');
  await expect.poll(() => reader.read.length, SOON).toBe(30);
  broker.lie({ kind: 'truncate', batches: 2, from: 3 });
  await sendTen(broker, 'orders', 1);
  await expect
    .poll(() => reader.offsets.slice(30), SOON)
    .toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(reader.problems.join('\n')).toMatch(/native.out-of-range/);
});

test('goes on when a broker dies and another leads', async () => {
  await using broker = await startLyingBroker({ ...ONE, nodes: 2 });
  broker.move('orders', 0, 2);
  await sendTen(broker, 'orders', 1);
  const reader = await reading(broker, 'native');
  await expect.poll(() => reader.read.length, SOON).toBe(10);
  await broker.kill(2);
  broker.move('orders', 0, 1);
  await expect.poll(() => reader.problems.join('\n'), SOON).toMatch(/native.connection: broker 2/);
  const producing = await startedAgain(broker);
  await expect.poll(() => reader.read.length, SOON).toBe(20);
  await producing;
});

/** By the node that is left. */
async function startedAgain(broker: Awaited<ReturnType<typeof startLyingBroker>>): Promise<void> {
  const [first] = broker.brokers;
  await sendTen({ ...broker, brokers: [first as string] }, 'orders', 1);
}

test('cannot be joined: says why', async () => {
  await using broker = await startLyingBroker(ONE);
  broker.forget('orders');
  const reader = await Reader.make(broker, 'native', { 'retry.backoff.ms': '20' });
  const starting = reader.client.start();
  await reader.client.close(100);
  await expect(starting).rejects.toThrow(/topic orders/);
});

describe('a stretch of the log', () => {
  const batch = (baseOffset: number, texts: readonly string[], more = {}): Promise<Buffer> =>
    encodeBatch({
      ...{ baseOffset, leaderEpoch: 3, ...more },
      records: texts.map((text) => ({ value: Buffer.from(text) })),
    });
  const stretch = (bytes: Buffer, from = 0, aborted: Stretch['aborted'] = null): Stretch => ({
    ...{ partition: 0, from, next: -1, epoch: -1, bytes, aborted },
  });
  const texts = (found: readonly ConsumedBatch[]): string[] =>
    found.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, i) => `${batch.offsetAt(i)}${batch.valueAt(i)}`),
    );
  const fine = (message: string): void => expect.unreachable(message);

  test('whose last batch is cut off ends before it', async () => {
    const [first, second] = [await batch(0, ['a', 'b']), await batch(2, ['c'])];
    for (let bytes = 0; bytes < second.length; bytes++) {
      const cut = Buffer.concat([first, second.subarray(0, bytes)]);
      expect(measure(cut, 0)).toEqual({ next: 2, epoch: 3 });
      expect(texts(await openStretch(stretch(cut), new KnownBodies(), fine))).toEqual(['0a', '1b']);
    }
    expect(measure(Buffer.concat([first, second]), 0)).toEqual({ next: 3, epoch: 3 });
    expect(measure(first.subarray(0, 30), 0)).toBeNull();
    expect(measure(first, 2)).toBeNull();
  });

  test('may begin before what was asked for', async () => {
    const bytes = Buffer.concat([await batch(0, ['a', 'b']), await batch(2, ['c'])]);
    expect(texts(await openStretch(stretch(bytes, 1), new KnownBodies(), fine))).toEqual([
      '1b',
      '2c',
    ]);
    expect(await openStretch(stretch(bytes, 3), new KnownBodies(), fine)).toEqual([]);
  });

  test('without what was aborted, for whom that is not', async () => {
    const transactional = { flags: 0x10, producerId: 5, producerEpoch: 0, baseSequence: 0 };
    const marker = (baseOffset: number, type: number): Promise<Buffer> =>
      encodeBatch({
        ...{ baseOffset, ...transactional, flags: 0x30 },
        records: [{ key: Buffer.from([0, 0, 0, type]), value: Buffer.alloc(6) }],
      });
    const bytes = Buffer.concat([
      await batch(0, ['a'], transactional),
      await marker(1, 0),
      await batch(2, ['b'], transactional),
      await marker(3, 1),
    ]);
    const aborted = [{ producerId: 5, firstOffset: 0 }];
    expect(texts(await openStretch(stretch(bytes, 0, aborted), new KnownBodies(), fine))).toEqual([
      '2b',
    ]);
    expect(texts(await openStretch(stretch(bytes), new KnownBodies(), fine))).toEqual(['0a', '2b']);
  });

  test('that is no batch is refused, and one that cannot be unpacked is passed over', async () => {
    const bytes = await batch(0, ['a'], { codec: 'gzip' });
    bytes.fill(0xff, 61);
    const damages: string[] = [];
    const behind = Buffer.concat([bytes, await batch(1, ['b'])]);
    const found = await openStretch(stretch(behind), new KnownBodies(), (message) =>
      damages.push(message),
    );
    expect(texts(found)).toEqual(['1b']);
    expect(damages).toEqual([expect.stringMatching(/batch at 0: gzip data is damaged/)]);
    bytes[16] = 1;
    expect(() => measure(bytes, 0)).toThrow(ProtocolError);
  });
});

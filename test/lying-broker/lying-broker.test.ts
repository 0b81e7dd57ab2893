/** Told nothing, the broker is honest with kafkajs and with us; told to lie, each lie shows in the audit's ledger. */
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../src/wire/errors.ts';
import type { Lie } from './lies.ts';
import { type LyingBroker, startLyingBroker } from './lying-broker.ts';
import { audit, client, type Found, oneProducer, sendBatch, sendTen } from './traffic.ts';

const upTo = (end: number, start = 0): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

describe('honest', { timeout: 30_000 }, () => {
  test('kafkajs produces and a group consumes, and the audit finds every record once', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 3 }, nodes: 2 });
    const kafka = client(broker, { requestTimeout: 10_000 });
    const group = { groupId: 'g', heartbeatInterval: 100, maxWaitTimeInMs: 50 };
    const consumers = [kafka.consumer(group), kafka.consumer(group)];
    const seen = new Set<string>();
    for (const consumer of consumers) {
      await consumer.connect();
      await consumer.subscribe({ topic: 'orders', fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          seen.add(`${partition}/${message.offset}`);
        },
      });
    }
    const producer = kafka.producer();
    await producer.connect();
    for (let i = 0; i < 30; i++) {
      await sendBatch(producer, 'orders', i % 3, i % 3, Math.floor(i / 3) * 5, 5);
    }
    await producer.disconnect();
    await expect.poll(() => seen.size, { timeout: 15_000 }).toBe(150);
    for (const consumer of consumers) await consumer.disconnect();
    const { audits, entries } = await audit(broker, oneProducer('orders', 3));
    expect(audits.map(({ complete, position }) => [complete, position])).toEqual([
      [true, 50],
      [true, 50],
      [true, 50],
    ]);
    // Consecutive sequences at consecutive offsets are one entry per partition.
    expect(entries.map(({ kind, first, count }) => [kind, first, count])).toEqual([
      ['read', 0, 50],
      ['read', 0, 50],
      ['read', 0, 50],
    ]);
    expect(broker.log).toHaveLength(30);
    expect(broker.log.every(({ receivedUs, answeredUs }) => (answeredUs ?? 0) >= receivedUs)).toBe(
      true,
    );
  });

  test('an idempotent producer that repeats a batch gets its first offset', async () => {
    await using broker = await startLyingBroker({
      topics: { orders: 1 },
      lies: [{ kind: 'swallow-ack', from: 1 }],
    });
    const producer = client(broker).producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let i = 0; i < 3; i++) await sendBatch(producer, 'orders', 0, 0, i * 10, 10);
    await producer.disconnect();
    expect((await audit(broker, oneProducer('orders', 1))).sequences).toEqual(upTo(30));
    expect(broker.log.length).toBeGreaterThan(3);
  });
});

async function lieAndLook(lies: readonly Lie[]): Promise<{ found: Found; broker: LyingBroker }> {
  const broker = await startLyingBroker({ topics: { orders: 1 }, lies });
  await sendTen(broker, 'orders', 4);
  const found = await audit(broker, oneProducer('orders', 1));
  await broker.stop();
  return { found, broker };
}

describe('lies show in the ledger', { timeout: 20_000 }, () => {
  test('a lost batch was acknowledged and is not there', async () => {
    const { found, broker } = await lieAndLook([{ kind: 'lose', from: 1 }]);
    expect(found.sequences).toEqual([...upTo(10), ...upTo(40, 20)]);
    expect(broker.log[1]).toMatchObject({ errorCode: 0, lies: ['lose'] });
    expect(broker.log[1]?.answeredUs).not.toBeNull();
  });

  test('a duplicated batch is there twice', async () => {
    const { found } = await lieAndLook([{ kind: 'duplicate', from: 1 }]);
    expect(found.sequences).toEqual([...upTo(20), ...upTo(40, 10)]);
  });

  test('two batches are the wrong way round', async () => {
    const { found } = await lieAndLook([{ kind: 'reorder', from: 1 }]);
    expect(found.sequences).toEqual([
      ...upTo(10),
      ...upTo(30, 20),
      ...upTo(20, 10),
      ...upTo(40, 30),
    ]);
  });

  test('a swallowed acknowledgement makes the client repeat itself', async () => {
    const { found, broker } = await lieAndLook([{ kind: 'swallow-ack', from: 1 }]);
    expect(found.sequences).toEqual([...upTo(20), ...upTo(40, 10)]);
    expect(broker.log[1]?.answeredUs).toBeNull();
  });

  test('an error with the batch stored makes it repeat itself too', async () => {
    const code = codeOf('REQUEST_TIMED_OUT');
    const { found } = await lieAndLook([{ kind: 'error', code, appended: true, from: 1 }]);
    expect(found.sequences).toEqual([...upTo(20), ...upTo(40, 10)]);
    const { found: refused } = await lieAndLook([{ kind: 'error', code, from: 1 }]);
    expect(refused.sequences).toEqual(upTo(40));
  });

  test('a batch whose bytes changed is damaged as a whole', async () => {
    const { found } = await lieAndLook([{ kind: 'corrupt', how: 'bytes', from: 1 }]);
    const damaged = found.entries.filter(({ kind }) => kind === 'damaged');
    expect(damaged.map(({ baseOffset, count }) => [baseOffset, count])).toEqual([[10, 10]]);
    expect(found.sequences).toEqual([...upTo(10), ...upTo(40, 20)]);
  });

  test('a record whose stamp changed under a right CRC is damaged alone', async () => {
    const { found } = await lieAndLook([{ kind: 'corrupt', how: 'stamp', from: 1 }]);
    const damaged = found.entries.filter(({ kind }) => kind === 'damaged');
    expect(damaged.map(({ baseOffset, count }) => [baseOffset, count])).toEqual([[10, 1]]);
    expect(found.sequences).toEqual([...upTo(10), ...upTo(40, 11)]);
  });

  test('a delay is in the times of the batches concerned', async () => {
    const { broker } = await lieAndLook([{ kind: 'delay', ms: 200, from: 1, count: 2 }]);
    const held = broker.log.map(({ receivedUs, answeredUs }) => (answeredUs ?? 0) - receivedUs);
    // Timers may fire up to a millisecond early.
    expect(held.slice(1, 3).every((us) => us >= 199_000)).toBe(true);
    expect(broker.log.map(({ lies }) => lies)).toEqual([[], ['delay'], ['delay'], []]);
  });

  test('a stall holds everything that comes meanwhile', async () => {
    const broker = await startLyingBroker({ topics: { orders: 1 } });
    broker.stall(300);
    const started = performance.now();
    await audit(broker, oneProducer('orders', 1));
    expect(performance.now() - started).toBeGreaterThan(290);
    await broker.stop();
  });
});

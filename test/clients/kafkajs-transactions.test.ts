/** What the kafkajs adapter says became of a transaction, against a coordinator that knows what became of it. */
import { describe, expect, test } from 'vitest';
import type {
  EndResult,
  SendResult,
  TransactionalProducerClient,
} from '../../src/clients/client.ts';
import { TRANSACTIONAL_SETTINGS } from '../../src/clients/kafkajs/settings.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, oneProducer, stamped } from '../lying-broker/traffic.ts';
import type { EndLie } from '../lying-broker/transactions.ts';

async function connected(
  broker: LyingBroker,
  config: Record<string, string> = {},
): Promise<TransactionalProducerClient> {
  const defaults = Object.entries(TRANSACTIONAL_SETTINGS).map(([name, { fallback }]) => [
    name,
    fallback,
  ]);
  const library = await loadClient('kafkajs');
  const producer = library.createTransactionalProducer?.({
    bootstrap: broker.addresses,
    route: (host, port) => ({ host, port }),
    connection: {},
    config: {
      ...Object.fromEntries(defaults),
      ...{ 'retry.backoff.ms': '20', 'request.timeout.ms': '1000', ...config },
    },
    clientId: 'test',
    topic: 'orders',
    clock: createClock(monotonicNs()),
    onProblem: () => {},
    source: { headers: {}, keyOf: () => null, valueOf: stamped, fixed: null },
    transactionalId: 'bank-0',
  });
  if (producer === undefined) throw new Error('kafkajs has transactions');
  await producer.connect();
  return producer;
}

const send = (producer: TransactionalProducerClient, sequence: number): Promise<SendResult> =>
  new Promise((done) => {
    producer.send({ stream: 0, partition: 0, firstSequence: sequence, count: 1 }, done);
  });

/** One transaction of one record. */
async function one(
  producer: TransactionalProducerClient,
  sequence: number,
  end: 'commit' | 'abort' = 'commit',
): Promise<EndResult> {
  expect(await producer.begin()).toBe(true);
  expect(await send(producer, sequence)).toMatchObject({ outcome: 'acknowledged', attempts: 1 });
  return producer[end]();
}

/** Sequences that the audit's second reading finds. */
async function committed(broker: LyingBroker): Promise<number[]> {
  const { entries } = await audit(broker, oneProducer('orders', 1), {
    transactional: new Set(['orders']),
  });
  return entries
    .filter(({ kind }) => kind === 'read-committed')
    .flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
}

const told = async (ends: readonly EndLie[]) => {
  const broker = await startLyingBroker({ topics: { orders: 1 }, ends });
  return { broker, producer: await connected(broker) };
};

describe('a transaction', { timeout: 60_000 }, () => {
  test('that was committed is seen, one that was aborted is not', async () => {
    const { broker, producer } = await told([]);
    await using _ = broker;
    expect(await one(producer, 0)).toEqual({ outcome: 'acknowledged', errorCode: 0, error: null });
    expect(await one(producer, 1, 'abort')).toMatchObject({ outcome: 'failed', errorCode: 0 });
    expect(await one(producer, 2)).toMatchObject({ outcome: 'acknowledged' });
    await producer.close(1000);
    expect(await committed(broker)).toEqual([0, 2]);
  });

  test.each([
    ['15', 15, true],
    ['16, and nothing was done', 16, false],
    ['48', 48, true],
    ['-1', -1, true],
    ['90, which kafkajs does not know', 90, true],
    ['nothing', null, true],
  ] as const)(
    'whose commit was answered by %s is unknown, and the next one is another instance',
    async (_, code, applied) => {
      const { broker, producer } = await told([{ end: 0, code, applied }]);
      await using _broker = broker;
      expect(await one(producer, 0)).toMatchObject({ outcome: 'unknown' });
      expect(await one(producer, 1)).toMatchObject({ outcome: 'acknowledged' });
      await producer.close(1000);
      // Fenced, what had not been committed is aborted: nothing of it comes with the next.
      expect(await committed(broker)).toEqual(applied ? [0, 1] : [1]);
    },
  );

  test.each([47, 49])(
    'whose only commit was refused with %i has failed, and was not committed',
    async (code) => {
      const { broker, producer } = await told([{ end: 0, code, applied: false }]);
      await using _ = broker;
      expect(await one(producer, 0)).toMatchObject({ outcome: 'failed', errorCode: code });
      expect(await one(producer, 1)).toMatchObject({ outcome: 'acknowledged' });
      await producer.close(1000);
      expect(await committed(broker)).toEqual([1]);
    },
  );

  test('whose abort was refused has failed all the same', async () => {
    const { broker, producer } = await told([{ end: 0, code: 15, applied: false }]);
    await using _ = broker;
    expect(await one(producer, 0, 'abort')).toMatchObject({ outcome: 'failed', errorCode: 15 });
    expect(await one(producer, 1)).toMatchObject({ outcome: 'acknowledged' });
    await producer.close(1000);
    expect(await committed(broker)).toEqual([1]);
  });

  test('with a send of unknown outcome is followed by another instance, whose records are no repetitions', async () => {
    await using broker = await startLyingBroker({
      topics: { orders: 1 },
      lies: [{ kind: 'error', code: 20, appended: true }],
    });
    const producer = await connected(broker, { retries: '0' });
    await producer.begin();
    expect(await send(producer, 0)).toMatchObject({ outcome: 'unknown', errorCode: 20 });
    expect(await producer.abort()).toMatchObject({ outcome: 'failed' });
    expect(await one(producer, 1)).toMatchObject({ outcome: 'acknowledged' });
    await producer.close(1000);
    expect(await committed(broker)).toEqual([1]);
    expect(broker.endOffset('orders', 0)).toBe(4);
  });

  test('begins again and again until the client is closed', async () => {
    const broker = await startLyingBroker({ topics: { orders: 1 } });
    const producer = await connected(broker, { retries: '1' });
    await one(producer, 0);
    await broker.stop();
    await producer.begin();
    expect(await send(producer, 1)).toMatchObject({ outcome: 'failed' });
    await producer.abort();
    const beginning = producer.begin();
    await producer.close(500);
    expect(await beginning).toBe(false);
  });
});

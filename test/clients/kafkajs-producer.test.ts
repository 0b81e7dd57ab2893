/** What the kafkajs adapter says became of a send, against a broker that knows what became of it. */
import { describe, expect, test } from 'vitest';
import type { ProducerClient, SendResult } from '../../src/clients/client.ts';
import { PRODUCER_SETTINGS } from '../../src/clients/kafkajs/settings.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { stamped } from '../lying-broker/traffic.ts';

type Options = {
  readonly config: Record<string, string>;
  readonly onProblem?: (code: string, message: string) => void;
  readonly partitions?: number;
  readonly afterGivingUp?: 'renew' | 'reuse';
};

async function newProducer(
  broker: LyingBroker,
  { config, onProblem = () => {}, partitions = 1, afterGivingUp = 'renew' }: Options,
): Promise<ProducerClient> {
  const defaults = Object.entries(PRODUCER_SETTINGS).map(([name, { fallback }]) => [
    name,
    fallback,
  ]);
  const library = await loadClient('kafkajs');
  const producer = library.createProducer({
    bootstrap: broker.addresses,
    route: (host, port) => ({ host, port }),
    connection: {},
    config: { ...Object.fromEntries(defaults), 'retry.backoff.ms': '20', ...config },
    clientId: 'test',
    topic: 'orders',
    clock: createClock(monotonicNs()),
    onProblem,
    source: { headers: {}, keyOf: () => null, valueOf: stamped, fixed: null },
    sends: partitions === 1 ? 'one-partition' : 'many-partitions',
    afterGivingUp,
  });
  await producer.connect();
  return producer;
}

/** Sends one record to each of the first partitions; `onProblem` hears kafkajs's words as it says them. */
async function sendOne(
  broker: LyingBroker,
  config: Record<string, string>,
  onProblem: (code: string, message: string) => void = () => {},
  partitions = 1,
): Promise<SendResult[]> {
  const producer = await newProducer(broker, { config, onProblem, partitions });
  const results = await Promise.all(
    Array.from(
      { length: partitions },
      (_, partition) =>
        new Promise<SendResult>((done) => {
          producer.send({ stream: partition, partition, firstSequence: 0, count: 1 }, done);
        }),
    ),
  );
  await producer.close(1000);
  return results;
}

describe('a send', { timeout: 60_000 }, () => {
  test('that was appended is not called failed because metadata lost the topic afterwards', async () => {
    await using broker = await startLyingBroker({
      topics: { orders: 1 },
      lies: [{ kind: 'error', code: 6, appended: true }],
    });
    // kafkajs says so before it looks for the leader again.
    const forget = (_: string, message: string): void => {
      if (message.startsWith('Failed to send')) broker.forget('orders');
    };
    const [result] = await sendOne(broker, { retries: '0' }, forget);
    expect(broker.log).toHaveLength(1);
    expect(result).toMatchObject({ errorCode: 3, attempts: 1, outcome: 'unknown' });
  });

  test('that was appended is not called failed because another partition was refused', async () => {
    await using broker = await startLyingBroker({
      topics: { orders: 2 },
      nodes: 2,
      lies: [{ kind: 'error', code: 10, partition: 0 }],
    });
    const results = await sendOne(broker, { retries: '0' }, () => {}, 2);
    expect(broker.endOffset('orders', 1)).toBe(1);
    expect(results[1]).toMatchObject({ errorCode: 10, attempts: 1, outcome: 'unknown' });
  });

  test('that was refused at its only attempt has failed', async () => {
    await using broker = await startLyingBroker({
      topics: { orders: 1 },
      lies: [{ kind: 'error', code: 10 }],
    });
    const [result] = await sendOne(broker, { retries: '1' });
    expect(result).toMatchObject({ errorCode: 10, attempts: 1, outcome: 'failed' });
    expect(broker.endOffset('orders', 0)).toBe(0);
  });
});

describe('an idempotent producer that has given a send up', { timeout: 60_000 }, () => {
  const settings = {
    'enable.idempotence': 'true',
    'request.timeout.ms': '300',
    'delivery.timeout.ms': '400',
  };

  /** Sends two records one after the other to a broker that has the first and never says so. */
  async function sendTwo(
    afterGivingUp: 'renew' | 'reuse',
  ): Promise<{ readonly results: SendResult[]; readonly end: number }> {
    await using broker = await startLyingBroker({
      topics: { orders: 1 },
      lies: [{ kind: 'swallow-ack', count: 10 }],
    });
    const producer = await newProducer(broker, { config: settings, afterGivingUp });
    const send = (firstSequence: number): Promise<SendResult> =>
      new Promise((done) => {
        producer.send({ stream: 0, partition: 0, firstSequence, count: 1 }, done);
      });
    const first = await send(0);
    broker.tellTheTruth();
    const second = await send(1);
    await producer.close(1000);
    return { results: [first, second], end: broker.endOffset('orders', 0) };
  }

  test('is replaced, so that the next record is written', async () => {
    const { results, end } = await sendTwo('renew');
    expect(results.map(({ outcome }) => outcome)).toEqual(['unknown', 'acknowledged']);
    expect(results[1]?.baseOffset).toBe(1);
    expect(end).toBe(2);
  });

  test('loses the next record when it goes on as kafkajs does: this is why', async () => {
    const { results, end } = await sendTwo('reuse');
    expect(results.map(({ outcome }) => outcome)).toEqual(['unknown', 'acknowledged']);
    expect(results[1]?.baseOffset).toBe(0);
    expect(end).toBe(1);
  });
});

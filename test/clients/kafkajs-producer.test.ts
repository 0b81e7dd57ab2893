/** What the kafkajs adapter says became of a send, against a broker that knows what became of it. */
import { describe, expect, test } from 'vitest';
import type { SendResult } from '../../src/clients/client.ts';
import { PRODUCER_SETTINGS } from '../../src/clients/kafkajs/settings.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { stamped } from '../lying-broker/traffic.ts';

/** Sends one record to each of the first partitions; `onProblem` hears kafkajs's words as it says them. */
async function sendOne(
  broker: LyingBroker,
  config: Record<string, string>,
  onProblem: (code: string, message: string) => void = () => {},
  partitions = 1,
): Promise<SendResult[]> {
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
    source: { headers: {}, keyOf: () => null, valueOf: stamped },
    sends: partitions === 1 ? 'one-partition' : 'many-partitions',
  });
  await producer.connect();
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

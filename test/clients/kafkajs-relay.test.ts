/** The kafkajs relay against a broker that ends transactions as asked: every input once, whatever is aborted. */
import { describe, expect, test } from 'vitest';
import type { ConsumedBatch, RelayClient, RelayOutput } from '../../src/clients/client.ts';
import { CONSUMER_SETTINGS } from '../../src/clients/kafkajs/settings.ts';
import { loadClient } from '../../src/clients/registry.ts';
import { createClock, monotonicNs } from '../../src/lib/clock.ts';
import { readStamp, type Stamp } from '../../src/payload/stamp.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, client, oneProducer, sendBatch, stamped } from '../lying-broker/traffic.ts';

const PARTITIONS = 2;
type Work = (batch: ConsumedBatch, output: RelayOutput) => Promise<'done' | 'again'>;

async function relay(broker: LyingBroker, work: Work): Promise<RelayClient> {
  const defaults = Object.entries(CONSUMER_SETTINGS).map(([name, { fallback }]) => [
    name,
    fallback,
  ]);
  const library = await loadClient('kafkajs');
  const made = library.createRelay?.({
    bootstrap: broker.addresses,
    route: (host, port) => ({ host, port }),
    connection: {},
    config: {
      ...Object.fromEntries(defaults),
      ...{ 'isolation.level': 'read_committed', 'retry.backoff.ms': '20' },
      ...{ 'request.timeout.ms': '1000', 'fetch.max.wait.ms': '50', 'session.timeout.ms': '3000' },
      'heartbeat.interval.ms': '100',
    },
    clientId: 'test',
    topic: 'orders',
    to: 'copies',
    group: 'copier',
    clock: createClock(monotonicNs()),
    onProblem: () => {},
    source: { headers: {}, fixed: null, keyOf: () => null, valueOf: stamped },
    transactionalIdOf: (partition) => `copier-${partition}`,
    handlers: { onBatch: work, onCommitted: () => {}, onAssigned: () => {}, onRevoked: () => {} },
  });
  if (made === undefined) throw new Error('kafkajs has relays');
  await made.start();
  return made;
}

const stamp: Stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };

/** Copies a batch into one transaction, one slice after the other. */
async function copy(batch: ConsumedBatch, output: RelayOutput): Promise<boolean> {
  await output.begin();
  for (let i = 0; i < batch.count; i++) {
    const value = batch.valueAt(i) as Buffer;
    readStamp(value, 0, value.length, stamp);
    const { stream, sequence: firstSequence } = stamp;
    const slice = { stream, partition: batch.partition, firstSequence, count: 1 };
    const { outcome } = await new Promise<{ outcome: string }>((done) => {
      output.send(slice, done);
    });
    if (outcome !== 'acknowledged') return false;
  }
  return output.sendOffset(batch.offsetAt(batch.count - 1) + 1);
}

async function fill(broker: LyingBroker): Promise<void> {
  const producer = client(broker).producer();
  await producer.connect();
  for (let batch = 0; batch < 3; batch++) {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await sendBatch(producer, 'orders', partition, partition, batch * 10, 10);
    }
  }
  await producer.disconnect();
}

const ALL = [0, 1].flatMap((stream) => Array.from({ length: 30 }, (_, i) => `${stream}/${i}`));

/** What a reader at read_committed finds of the output, sorted. */
async function copies(broker: LyingBroker): Promise<string[]> {
  const { entries } = await audit(broker, oneProducer('copies', PARTITIONS), {
    transactional: new Set(['copies']),
  });
  return entries
    .filter(({ kind }) => kind === 'read-committed')
    .flatMap(({ stream, first, count }) =>
      Array.from({ length: count }, (_, i) => `${stream}/${first + i}`),
    )
    .sort();
}

const TOPICS = { orders: PARTITIONS, copies: PARTITIONS };

describe('a relay', { timeout: 60_000 }, () => {
  test('copies every record once, although transactions are aborted', async () => {
    await using broker = await startLyingBroker({ topics: TOPICS });
    await fill(broker);
    let worked = 0;
    const member = await relay(broker, async (batch, output) => {
      const complete = await copy(batch, output);
      worked += 1;
      if (!complete || worked % 2 === 1) {
        await output.abort();
        return 'again';
      }
      const { outcome } = await output.commit();
      return outcome === 'acknowledged' ? 'done' : 'again';
    });
    await expect.poll(() => copies(broker), { timeout: 30_000 }).toEqual([...ALL].sort());
    await member.close(2000);
    expect(worked).toBeGreaterThan(PARTITIONS);
  });

  test('that is gone in the middle of a transaction has its partitions begun anew', async () => {
    await using broker = await startLyingBroker({ topics: TOPICS });
    await fill(broker);
    let begun = 0;
    const first = await relay(broker, async (batch, output) => {
      await copy(batch, output);
      begun += 1;
      return await new Promise<never>(() => {}); // It never comes to the end of it.
    });
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(PARTITIONS);
    await first.close(500);
    const second = await relay(broker, async (batch, output) => {
      const complete = await copy(batch, output);
      const { outcome } = complete ? await output.commit() : await output.abort();
      return outcome === 'acknowledged' ? 'done' : 'again';
    });
    await expect.poll(() => copies(broker), { timeout: 40_000 }).toEqual([...ALL].sort());
    await second.close(2000);
  });
});

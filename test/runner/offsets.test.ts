/** Where the audit ends: settled offsets, and what is done about a partition that nobody leads. */
import { expect, test } from 'vitest';
import { endOffsets, settledOffsets } from '../../src/runner/offsets.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import { codeOf } from '../../src/wire/errors.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, client, oneProducer, sendBatch } from '../lying-broker/traffic.ts';

const STREAMS = oneProducer('orders', 3);

/** A broker with one batch of ten records in each of three partitions. */
async function filled(): Promise<LyingBroker> {
  const broker = await startLyingBroker({ topics: { orders: 3 } });
  const producer = client(broker).producer();
  await producer.connect();
  for (const partition of [0, 1, 2]) {
    await sendBatch(producer, 'orders', partition, partition, 0, 10);
  }
  await producer.disconnect();
  return broker;
}

const adminOf = ({ addresses }: LyingBroker): Promise<Admin> =>
  openAdmin({ bootstrap: addresses, connection: {}, clientId: 'test' });

test('offsets that stand still have settled', async () => {
  await using broker = await filled();
  using admin = await adminOf(broker);
  const told: string[] = [];
  const onUnsettled = (message: string): number => told.push(message);
  const ends = await settledOffsets(admin, STREAMS, { timeoutMs: 5000, onUnsettled });
  expect(ends).toEqual([{ offset: 10 }, { offset: 10 }, { offset: 10 }]);
  expect(told).toEqual([]);
});

test('a partition without a leader is left out, and the audit reads the others', async () => {
  await using broker = await filled();
  broker.behead('orders', 1);
  using admin = await adminOf(broker);
  const told: string[] = [];
  const ends = await settledOffsets(admin, STREAMS, {
    ...{ timeoutMs: 300, askMs: 300 },
    onUnsettled: (message) => told.push(message),
  });
  expect(ends).toEqual([
    { offset: 10 },
    { offset: null, reason: 'nobody leads it' },
    { offset: 10 },
  ]);
  expect(told).toEqual(['every replica back in the ISR: not within 300 ms']);
  const { audits } = await audit(broker, STREAMS, { to: ends.map(({ offset }) => offset) });
  expect(audits.map(({ partition, complete }) => [partition, complete])).toEqual([
    [0, true],
    [2, true],
  ]);
});

test('before the first send every end must be known', async () => {
  await using broker = await filled();
  broker.behead('orders', 2);
  using admin = await adminOf(broker);
  await expect(endOffsets(admin, STREAMS, 300)).rejects.toMatchObject({
    code: 'offsets.unknown',
    message: 'no end offset for orders/2: nobody leads it',
  });
});

test('a broker that has not heard of a new topic yet is asked again', async () => {
  const code = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
  let asked = 0;
  const listOffsets: Admin['listOffsets'] = async (places) => {
    asked += 1;
    return places.map(({ topic, partition }) => ({
      ...{ topic, partition, timestamp: -1, leaderEpoch: 0 },
      ...(asked < 3 ? { errorCode: code, offset: -1 } : { errorCode: 0, offset: partition }),
    }));
  };
  expect(await endOffsets({ listOffsets } as Admin, STREAMS)).toEqual([0, 1, 2]);
  expect(asked).toBe(3);
});

/** Open transactions before and in the audit: waited for, told, and in nobody's second reading. */
import { expect, test } from 'vitest';
import { openTransactions } from '../../src/runner/offsets.ts';
import { openAdmin } from '../../src/wire/admin.ts';
import { type LyingBroker, startLyingBroker } from '../lying-broker/lying-broker.ts';
import { audit, client, oneProducer, stamped } from '../lying-broker/traffic.ts';

const STREAMS = oneProducer('orders', 2);
const ORDERS = new Set(['orders']);

/** A transaction with one record in partition 1. */
async function open(broker: LyingBroker) {
  const producer = client(broker).producer({ transactionalId: 'bank-0', maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  const messages = [{ partition: 1, key: null, value: stamped(1, 0) }];
  await transaction.send({ topic: 'orders', acks: -1, messages });
  return { transaction, close: () => producer.disconnect() };
}

const adminOf = ({ addresses }: LyingBroker) =>
  openAdmin({ bootstrap: addresses, connection: {}, clientId: 'test' });

test('one that stays open is told with its place, once its time is over', async () => {
  await using broker = await startLyingBroker({ topics: { orders: 2 } });
  using admin = await adminOf(broker);
  const { close } = await open(broker);
  expect(await openTransactions(admin, STREAMS, ORDERS, 300)).toEqual([
    { topic: 'orders', partition: 1, lastStableOffset: 0, highWatermark: 1 },
  ]);
  expect(await openTransactions(admin, STREAMS, new Set(), 300)).toEqual([]);
  await close();
});

test('one that ends meanwhile is waited for', async () => {
  await using broker = await startLyingBroker({ topics: { orders: 2 } });
  using admin = await adminOf(broker);
  const { transaction, close } = await open(broker);
  const waiting = openTransactions(admin, STREAMS, ORDERS, 20_000);
  await transaction.commit();
  expect(await waiting).toEqual([]);
  await close();
});

test('the second reading ends where a transaction is open, and says so', async () => {
  await using broker = await startLyingBroker({ topics: { orders: 2 } });
  const { close } = await open(broker);
  const events: unknown[] = [];
  await audit(broker, STREAMS, {
    transactional: ORDERS,
    deadlineMs: 1500,
    onEvent: (event) => events.push(event),
  });
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'audit', partition: 1, complete: true, position: 1 }),
  );
  expect(events).toContainEqual(
    expect.objectContaining({
      ...{ type: 'audit-committed', partition: 1, complete: false, position: 0 },
      reason: expect.stringContaining('the last stable offset is 0'),
    }),
  );
  await close();
});

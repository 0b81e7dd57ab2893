/** The admin under the scenario's names, against a broker that knows only Kafka's. */
import { expect, test } from 'vitest';
import { namedAdmin } from '../../src/runner/named-admin.ts';
import { prefixedNames } from '../../src/scenario/kafka-names.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { type Admin, openAdmin } from '../../src/wire/admin.ts';
import { codeOf } from '../../src/wire/errors.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';
import { sendTen } from '../lying-broker/traffic.ts';

const { scenario } = loadScenario(
  [
    'name: x',
    'cluster: { provider: external, bootstrap: "a:1" }',
    'topics: { orders: {}, theirs: { existing: true } }',
    'load: { checkout: { produce: orders, rate: 1/s, transaction: { records: 9 } }, billing: { consume: orders } }',
  ].join('\n'),
  { file: 'x.yaml', env: {} },
);
const names = prefixedNames(scenario, 'ordeal-1-');

test('what is made gets the prefix, what was there keeps its name', () => {
  expect(names).toEqual({
    topics: { orders: 'ordeal-1-orders' },
    groups: { billing: 'ordeal-1-billing' },
    transactions: { 'checkout-0': 'ordeal-1-checkout-0' },
  });
});

test('every question and every answer speaks of the scenario', async () => {
  await using broker = await startLyingBroker({ topics: { theirs: 1 } });
  using direct = await openAdmin({ bootstrap: broker.addresses, connection: {}, clientId: 'test' });
  const admin = namedAdmin(direct, names);
  const topic = { name: 'orders', partitions: 1, replicas: 1, config: {} };
  expect(await admin.createTopics([topic])).toMatchObject([{ name: 'orders', errorCode: 0 }]);
  expect((await direct.metadata()).topics.map(({ name }) => name)).toEqual([
    'theirs',
    'ordeal-1-orders',
  ]);
  const { topics } = await admin.metadata(['orders', 'theirs']);
  expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['orders', 0],
    ['theirs', 0],
  ]);
  expect((await admin.metadata()).topics.map(({ name }) => name)).toEqual(['theirs', 'orders']);
  await sendTen(broker, 'ordeal-1-orders', 2);
  const place = { topic: 'orders', partition: 0 };
  expect(await admin.listOffsets([{ ...place, at: 'latest' }])).toMatchObject([
    { ...place, offset: 20 },
  ]);
  const offsets = [{ partition: 0, offset: 7 }];
  await admin.commitOffsets('billing', 'orders', offsets);
  expect(await direct.committedOffsets('ordeal-1-billing', 'ordeal-1-orders', [0])).toMatchObject(
    offsets,
  );
  expect(await admin.committedOffsets('billing', 'orders', [0])).toMatchObject(offsets);
  expect(await admin.describeGroups(['billing'])).toMatchObject([{ group: 'billing' }]);
  expect(await admin.describeConfigs([{ kind: 'topic', name: 'orders' }])).toMatchObject([
    { name: 'orders', errorCode: 0 },
  ]);
  expect(await admin.deleteGroups(['billing'])).toEqual([{ group: 'billing', errorCode: 0 }]);
  expect(await admin.deleteTopics(['orders'])).toMatchObject([{ name: 'orders', errorCode: 0 }]);
  expect((await direct.metadata(['ordeal-1-orders'])).topics[0]?.errorCode).toBe(
    codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
  );
});

test('partitions are moved, elected, added and emptied under the prefix', async () => {
  const place = { topic: 'ordeal-1-orders', partition: 0 };
  const asked: unknown[] = [];
  const direct: Partial<Admin> = {
    electLeaders: async (_, places) => {
      asked.push(places);
      return [{ ...place, errorCode: 0, message: null }];
    },
    alterReassignments: async (wanted) => {
      asked.push(wanted);
      return [{ ...place, errorCode: 0, message: null }];
    },
    listReassignments: async () => [{ ...place, replicas: [1], adding: [], removing: [] }],
    createPartitions: async (name) => {
      asked.push(name);
      return { name, errorCode: 0, message: null };
    },
    deleteRecords: async (where) => {
      asked.push(where);
      return { lowWatermark: 5, errorCode: 0 };
    },
  };
  const admin = namedAdmin(direct as Admin, names);
  const mine = { topic: 'orders', partition: 0 };
  expect(await admin.electLeaders('preferred', [mine])).toMatchObject([mine]);
  expect(await admin.alterReassignments([{ ...mine, replicas: [2] }])).toMatchObject([mine]);
  expect(await admin.listReassignments()).toMatchObject([mine]);
  expect(await admin.createPartitions('orders', 2)).toMatchObject({ name: 'orders' });
  await admin.deleteRecords(mine, 5);
  expect(asked).toEqual([[place], [{ ...place, replicas: [2] }], 'ordeal-1-orders', place]);
});

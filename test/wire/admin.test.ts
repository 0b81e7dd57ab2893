/** The admin against a cluster of lying nodes, some of which die; and what it makes of answers that disagree. */
import { describe, expect, test } from 'vitest';
import { mergeMetadata } from '../../src/wire/admin/cluster.ts';
import { openAdmin } from '../../src/wire/admin.ts';
import { joinGroup } from '../../src/wire/apis/join-group.ts';
import { openConnection } from '../../src/wire/connection.ts';
import { codeOf, errorName, kafkaError } from '../../src/wire/errors.ts';
import { startLyingBroker } from '../lying-broker/lying-broker.ts';
import { sendTen } from '../lying-broker/traffic.ts';

const admin = (broker: { addresses: readonly { host: string; port: number }[] }) =>
  openAdmin({ bootstrap: broker.addresses, connection: {}, clientId: 'test' });

describe('the admin', { timeout: 20_000 }, () => {
  test('creates, describes and deletes topics', async () => {
    await using broker = await startLyingBroker({ topics: {}, nodes: 3 });
    const client = await admin(broker);
    const topic = { name: 't', partitions: 4, replicas: 1, config: { 'retention.ms': '1000' } };
    expect(await client.createTopics([topic])).toEqual([
      { name: 't', errorCode: 0, message: null },
    ]);
    expect((await client.createTopics([topic]))[0]?.errorCode).toBe(codeOf('TOPIC_ALREADY_EXISTS'));
    const { brokers, topics } = await client.metadata(['t']);
    expect(brokers.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(topics[0]?.partitions.map(({ leader }) => leader)).toEqual([1, 2, 3, 1]);
    expect((await client.metadata()).topics.map(({ name }) => name)).toEqual(['t']);
    expect((await client.deleteTopics(['t']))[0]).toMatchObject({ name: 't', errorCode: 0 });
    expect((await client.metadata(['t'])).topics[0]).toMatchObject({
      errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION'),
      partitions: [],
    });
    client.close();
  });

  test('knows quorum, features, coordinators, groups and transactions', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 }, nodes: 2 });
    const client = await admin(broker);
    expect(await client.quorum()).toMatchObject({ leaderId: 1, leaderEpoch: 3 });
    expect(await client.features()).toEqual({ 'metadata.version': 25 });
    expect(await client.findCoordinator('group', 'g')).toBe(1);
    expect(await client.findCoordinator('transaction', 'x')).toBe(1);
    expect(await client.committedOffsets('g', 'orders', [0])).toEqual([
      { partition: 0, offset: -1, errorCode: 0 },
    ]);
    expect(await client.describeGroups(['g'])).toMatchObject([{ group: 'g', state: 'Empty' }]);
    expect(await client.listTransactions()).toEqual([]);
    client.close();
  });

  test('commits for a group nobody is in, and deletes it with what it committed', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 2 }, nodes: 2 });
    const client = await admin(broker);
    const offsets = [0, 1].map((partition) => ({ partition, offset: 40 + partition }));
    const answer = offsets.map((one) => ({ ...one, errorCode: 0 }));
    expect(await client.commitOffsets('g', 'orders', offsets)).toEqual(answer);
    expect(await client.committedOffsets('g', 'orders', [0, 1])).toEqual(answer);
    expect(await client.deleteGroups(['g', 'nobody'])).toEqual([
      { group: 'g', errorCode: 0 },
      { group: 'nobody', errorCode: codeOf('GROUP_ID_NOT_FOUND') },
    ]);
    expect((await client.committedOffsets('g', 'orders', [0]))[0]?.offset).toBe(-1);
    client.close();
  });

  test('a group with members is not deleted, and is asked about until the time is over', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    const client = await admin(broker);
    const [address] = broker.addresses;
    const options = { connection: {}, clientId: 'member', timeoutMs: 2000 };
    const connection = await openConnection(address as { host: string; port: number }, options);
    const join = (memberId: string) =>
      connection.send(joinGroup, {
        ...{ groupId: 'g', sessionTimeoutMs: 60_000, memberId, protocolType: 'consumer' },
        protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      });
    await join((await join('')).memberId);
    expect(await client.deleteGroups(['g'], { timeoutMs: 300 })).toEqual([
      { group: 'g', errorCode: codeOf('NON_EMPTY_GROUP') },
    ]);
    connection.close();
    client.close();
  });

  test('reads the settings of a topic', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 1 } });
    const client = await admin(broker);
    const [found] = await client.describeConfigs([{ kind: 'topic', name: 'orders' }]);
    expect(found).toMatchObject({ name: 'orders', errorCode: 0 });
    expect(found?.entries).toContainEqual({
      ...{ name: 'min.insync.replicas', value: '1', isDefault: true, isOwn: false },
    });
    client.close();
  });

  test('answers offset questions in their order, whoever leads', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 3 }, nodes: 2 });
    await sendTen(broker, 'orders', 3);
    broker.deleteBefore('orders', 0, 10);
    const client = await admin(broker);
    const answers = await client.listOffsets([
      { topic: 'orders', partition: 2, at: 'latest' },
      { topic: 'orders', partition: 0, at: 'latest' },
      { topic: 'orders', partition: 0, at: 'earliest' },
      { topic: 'orders', partition: 1, at: 'latest', isolation: 'read_committed' },
    ]);
    expect(
      answers.map(({ partition, offset, errorCode }) => [partition, offset, errorCode]),
    ).toEqual([
      [2, 0, 0],
      [0, 30, 0],
      [0, 10, 0],
      [1, 0, 0],
    ]);
    client.close();
  });

  test('goes on without dead nodes, and says which offsets it could not learn', async () => {
    await using broker = await startLyingBroker({ topics: { orders: 3 }, nodes: 3 });
    const client = await admin(broker);
    await broker.kill(1);
    await broker.kill(2);
    expect((await client.metadata(['orders'])).topics[0]?.partitions).toHaveLength(3);
    const answers = await client.listOffsets(
      [0, 1, 2].map((partition) => ({ topic: 'orders', partition, at: 'latest' as const })),
      { timeoutMs: 500 },
    );
    expect(answers.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'REQUEST_TIMED_OUT',
      'REQUEST_TIMED_OUT',
      'NONE',
    ]);
    await broker.kill(3);
    await expect(client.metadata(['orders'], { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'kafka.unreachable',
    });
    client.close();
  });

  test('a stalled node does not hold the others up for long', async () => {
    await using slow = await startLyingBroker({ topics: {} });
    await using quick = await startLyingBroker({ topics: { here: 1 } });
    const client = await openAdmin({
      bootstrap: [...slow.addresses, ...quick.addresses],
      connection: {},
      clientId: 'test',
    });
    slow.stall(3000);
    const found = await client.metadata(['here'], { timeoutMs: 2000 });
    expect(found.topics[0]).toMatchObject({ name: 'here', errorCode: 0 });
    client.close();
  });

  test('a closed one says so', async () => {
    await using broker = await startLyingBroker({ topics: {} });
    const client = await admin(broker);
    client.close();
    await expect(client.metadata([], { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'kafka.unreachable',
    });
  });

  test('nobody there is one clear error', async () => {
    const broker = await startLyingBroker({ topics: {} });
    await broker.stop();
    await expect(admin(broker)).rejects.toMatchObject({ code: 'kafka.unreachable' });
  });
});

describe('answers that disagree', () => {
  const brokers = [1, 2, 3].map((nodeId) => ({ nodeId, host: `h${nodeId}`, port: 1, rack: null }));
  const answer = (leader: number, leaderEpoch: number, isr: number[]) => ({
    throttleTimeMs: 0,
    brokers,
    clusterId: 'c',
    controllerId: 1,
    clusterAuthorizedOperations: 0,
    topics: [
      {
        errorCode: 0,
        name: 't',
        topicId: 'x',
        isInternal: false,
        authorizedOperations: 0,
        partitions: [
          {
            errorCode: 0,
            partition: 0,
            leader,
            leaderEpoch,
            replicas: [1, 2, 3],
            isr,
            offlineReplicas: [],
          },
        ],
      },
    ],
  });
  const from = (id: number) => ({ host: `h${id}`, port: 1 });

  test('the newest leader epoch wins, whatever the order', () => {
    const stale = { from: from(1), answer: answer(1, 4, [1, 2, 3]) };
    const fresh = { from: from(2), answer: answer(2, 5, [2, 3]) };
    for (const heard of [
      [stale, fresh],
      [fresh, stale],
    ]) {
      expect(mergeMetadata(heard).topics[0]?.partitions[0]).toMatchObject({
        leader: 2,
        isr: [2, 3],
      });
    }
  });

  test('within an epoch the leader knows best who is in sync', () => {
    const cutOff = { from: from(3), answer: answer(2, 5, [1, 2, 3]) };
    const leader = { from: from(2), answer: answer(2, 5, [1, 2]) };
    for (const heard of [
      [cutOff, leader],
      [leader, cutOff],
    ]) {
      expect(mergeMetadata(heard).topics[0]?.partitions[0]?.isr).toEqual([1, 2]);
    }
  });
});

test('the error table knows names and codes', () => {
  expect(errorName(6)).toBe('NOT_LEADER_OR_FOLLOWER');
  expect(kafkaError(10).retriable).toBe(false);
  expect(kafkaError(4242)).toEqual({ code: 4242, name: 'ERROR_4242', retriable: false });
  expect(() => codeOf('NO_SUCH')).toThrow();
});

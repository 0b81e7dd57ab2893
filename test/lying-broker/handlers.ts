/** One handler per API: what an honest broker would answer from the store. */
import type { Socket } from 'node:net';
import type { AnyApi, Api } from '../../src/wire/api.ts';
import { apiVersions } from '../../src/wire/apis/api-versions.ts';
import { describeConfigs } from '../../src/wire/apis/configs.ts';
import { createTopics } from '../../src/wire/apis/create-topics.ts';
import { deleteGroups } from '../../src/wire/apis/delete-groups.ts';
import { deleteTopics } from '../../src/wire/apis/delete-topics.ts';
import { describeGroups } from '../../src/wire/apis/describe-groups.ts';
import { describeQuorum } from '../../src/wire/apis/describe-quorum.ts';
import { fetch } from '../../src/wire/apis/fetch.ts';
import { fetchById } from '../../src/wire/apis/fetch-by-id.ts';
import { findCoordinator } from '../../src/wire/apis/find-coordinator.ts';
import { heartbeat } from '../../src/wire/apis/heartbeat.ts';
import { initProducerId } from '../../src/wire/apis/init-producer-id.ts';
import { joinGroup } from '../../src/wire/apis/join-group.ts';
import { leaveGroup } from '../../src/wire/apis/leave-group.ts';
import { EARLIEST, listOffsets } from '../../src/wire/apis/list-offsets.ts';
import { listTransactions } from '../../src/wire/apis/list-transactions.ts';
import { metadata } from '../../src/wire/apis/metadata.ts';
import { offsetCommit } from '../../src/wire/apis/offset-commit.ts';
import { offsetFetch } from '../../src/wire/apis/offset-fetch.ts';
import { produce } from '../../src/wire/apis/produce.ts';
import { syncGroup } from '../../src/wire/apis/sync-group.ts';
import { codeOf } from '../../src/wire/errors.ts';
import { addOffsetsToTxn, addPartitionsToTxn, endTxn, txnOffsetCommit } from './apis.ts';
import type { Groups } from './groups.ts';
import type { ProducedBatch, Store } from './store.ts';
import type { Transactions } from './transactions.ts';

const UNKNOWN_TOPIC = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
const NOT_LEADER = codeOf('NOT_LEADER_OR_FOLLOWER');
const OUT_OF_RANGE = codeOf('OFFSET_OUT_OF_RANGE');
const ALREADY_EXISTS = codeOf('TOPIC_ALREADY_EXISTS');

export type Node = { readonly id: number; readonly host: string; readonly port: number };

/** What a handler may know of the request beside its body. */
export type Asked = {
  readonly store: Store;
  readonly groups: Groups;
  readonly transactions: Transactions;
  readonly nodes: readonly Node[];
  /** The node that was asked. */
  readonly self: Node;
  readonly clientId: string;
  readonly version: number;
  readonly receivedUs: number;
  readonly connection: object;
  readonly signal: AbortSignal;
};

/** `response` null: no answer is sent. */
export type Answer<S> = {
  readonly response: S | null;
  readonly delayMs?: number;
  readonly produced?: readonly ProducedBatch[];
};

export type Handler = {
  readonly api: AnyApi;
  readonly handle: (request: never, asked: Asked) => Promise<Answer<unknown>>;
};

const handler = <Q, S, QI, SI>(
  api: Api<Q, S, QI, SI>,
  handle: (request: Q, asked: Asked) => Answer<SI> | Promise<Answer<SI>>,
): Handler => ({
  api: api as unknown as AnyApi,
  handle: async (request, asked) => handle(request, asked),
});

const leaderOf = (
  { nodes, store }: Pick<Asked, 'nodes' | 'store'>,
  topic: string,
  partition: number,
): number =>
  store.moved.get(`${topic}/${partition}`) ?? (nodes[partition % nodes.length] as Node).id;

export const HANDLERS: readonly Handler[] = [
  handler(apiVersions, () => ({
    response: {
      errorCode: 0,
      apiKeys: spoken(),
      finalizedFeatures: [{ name: 'metadata.version', maxVersionLevel: 25, minVersionLevel: 1 }],
    },
  })),
  handler(metadata, ({ topics }, { store, nodes }) => ({
    response: {
      brokers: nodes.map(({ id, host, port }) => ({ nodeId: id, host, port })),
      clusterId: 'lying-cluster',
      controllerId: nodes[0]?.id ?? -1,
      topics: (topics?.map(({ name }) => name) ?? [...store.topics.keys()]).map((name) => {
        const logs = store.topics.get(name ?? '');
        return {
          errorCode: logs === undefined ? UNKNOWN_TOPIC : 0,
          name,
          topicId: store.idOf(name ?? ''),
          partitions: (logs ?? []).map((log, partition) => ({
            errorCode: 0,
            partition,
            leader: store.headless.has(`${name}/${partition}`)
              ? -1
              : leaderOf({ nodes, store }, name ?? '', partition),
            leaderEpoch: log.leaderEpoch,
            replicas: [leaderOf({ nodes, store }, name ?? '', partition)],
            isr: [leaderOf({ nodes, store }, name ?? '', partition)],
          })),
        };
      }),
    },
  })),
  handler(createTopics, ({ topics }, { store }) => ({
    response: {
      topics: topics.map(({ name, numPartitions }) => {
        const exists = store.topics.has(name);
        if (!exists) store.create(name, numPartitions);
        return { name, errorCode: exists ? ALREADY_EXISTS : 0 };
      }),
    },
  })),
  handler(deleteTopics, ({ topics, topicNames }, { store, version }) => ({
    response: {
      responses: (version < 6 ? topicNames : topics.map(({ name }) => name ?? '')).map((name) => ({
        name,
        errorCode: store.topics.delete(name) ? 0 : UNKNOWN_TOPIC,
      })),
    },
  })),
  handler(listOffsets, ({ topics, isolationLevel }, { store, nodes, self }) => ({
    response: {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partition, timestamp }) => {
          const log = store.find(name, partition);
          const end = isolationLevel === 1 ? log?.stable : log?.end;
          const offset = timestamp === EARLIEST ? log?.start : end;
          const errorCode = errorAt(log, leaderOf({ nodes, store }, name, partition), self);
          return {
            partition,
            errorCode,
            timestamp: -1,
            offset: errorCode === 0 ? (offset ?? -1) : -1,
          };
        }),
      })),
    },
  })),
  handler(fetch, handleFetch),
  handler(fetchById, handleFetchById),
  handler(produce, handleProduce),
  handler(findCoordinator, ({ coordinatorKeys }, { nodes }) => {
    const [{ id, host, port }] = nodes as [Node];
    const common = { nodeId: id, host, port, errorCode: 0, errorMessage: null };
    return {
      response: { ...common, coordinators: coordinatorKeys.map((key) => ({ key, ...common })) },
    };
  }),
  handler(joinGroup, async (request, { groups, clientId, version }) => ({
    response: await groups.join(request, clientId, version >= FIRST_WITH_IDS),
  })),
  handler(syncGroup, async (request, { groups }) => ({ response: await groups.sync(request) })),
  handler(heartbeat, (request, { groups }) => ({
    response: { errorCode: groups.heartbeat(request) },
  })),
  handler(leaveGroup, (request, { groups }) => {
    groups.leave(request);
    return {
      response: { errorCode: 0, members: request.members.map((one) => ({ ...one, errorCode: 0 })) },
    };
  }),
  handler(offsetCommit, (request, { groups }) => {
    const errorCode = groups.commit(request);
    return {
      response: {
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
        })),
      },
    };
  }),
  handler(offsetFetch, ({ groupId, topics, groups: asked }, { groups }) => {
    const find = (group: string, wanted: typeof topics) =>
      (wanted ?? []).map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => ({
          partition,
          committedOffset: groups.of(group).committed.get(`${name}/${partition}`) ?? -1,
          metadata: '',
          errorCode: 0,
        })),
      }));
    return {
      response: {
        topics: find(groupId, topics),
        groups: asked.map((one) => ({
          groupId: one.groupId,
          topics: find(one.groupId, one.topics),
          errorCode: 0,
        })),
      },
    };
  }),
  handler(describeGroups, ({ groups: names }, { groups }) => ({
    response: {
      throttleTimeMs: 0,
      groups: names.map((groupId) => {
        const { members, rebalancing } = groups.of(groupId);
        return {
          errorCode: 0,
          groupId,
          state: members.size === 0 ? 'Empty' : rebalancing ? 'PreparingRebalance' : 'Stable',
          protocolType: 'consumer',
          protocol: '',
          members: [...members.keys()].map((memberId) => ({
            memberId,
            clientId: memberId,
            clientHost: '/127.0.0.1',
            metadata: Buffer.alloc(0),
            assignment: Buffer.alloc(0),
          })),
        };
      }),
    },
  })),
  handler(deleteGroups, ({ groupsNames }, { groups }) => ({
    response: {
      results: groupsNames.map((groupId) => ({ groupId, errorCode: groups.delete(groupId) })),
    },
  })),
  handler(describeConfigs, ({ resources }, { store }) => ({
    response: {
      throttleTimeMs: 0,
      results: resources.map(({ type, name }) => ({
        errorCode: store.topics.has(name) ? 0 : UNKNOWN_TOPIC,
        errorMessage: null,
        type,
        name,
        configs: Object.entries(TOPIC_SETTINGS).map(([setting, value]) => ({
          ...{ name: setting, value, readOnly: false, source: 5, sensitive: false, synonyms: [] },
        })),
      })),
    },
  })),
  handler(initProducerId, async ({ transactionalId }, { transactions }) => {
    const { id, epoch } = await transactions.init(transactionalId);
    return { response: { errorCode: 0, producerId: id, producerEpoch: epoch } };
  }),
  handler(addPartitionsToTxn, (request, { transactions }) => {
    const errorCode = transactions.add(request);
    const results = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({ partition, errorCode })),
    }));
    return { response: { results } };
  }),
  handler(addOffsetsToTxn, (request, { transactions }) => ({
    response: { errorCode: transactions.check(request) },
  })),
  handler(txnOffsetCommit, (request, { transactions }) => {
    const errorCode = transactions.addOffsets(request);
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    }));
    return { response: { topics } };
  }),
  handler(endTxn, async (request, { transactions }) => {
    const errorCode = await transactions.end(request);
    return { response: errorCode === null ? null : { errorCode } };
  }),
  handler(describeQuorum, (_request, { nodes }) => ({
    response: {
      errorCode: 0,
      topics: [
        {
          topic: '__cluster_metadata',
          partitions: [
            {
              partition: 0,
              errorCode: 0,
              leaderId: nodes[0]?.id ?? -1,
              leaderEpoch: 3,
              highWatermark: 10,
              currentVoters: nodes.map(({ id }) => ({ replicaId: id, logEndOffset: 10 })),
              observers: [],
            },
          ],
        },
      ],
    },
  })),
  handler(listTransactions, () => ({
    response: { throttleTimeMs: 0, errorCode: 0, unknownStateFilters: [], transactions: [] },
  })),
];

/** Newcomers are told their id first, and join again with it (KIP-394). */
const FIRST_WITH_IDS = 4;

/** Of an API with two tables the versions of both. */
function spoken() {
  const ranges = new Map<number, { apiKey: number; minVersion: number; maxVersion: number }>();
  for (const { api } of HANDLERS) {
    const { minVersion = api.min, maxVersion = api.max } = ranges.get(api.key) ?? {};
    ranges.set(api.key, {
      apiKey: api.key,
      minVersion: Math.min(minVersion, api.min),
      maxVersion: Math.max(maxVersion, api.max),
    });
  }
  return [...ranges.values()];
}

/** Every topic has them. */
const TOPIC_SETTINGS = { 'cleanup.policy': 'delete', 'min.insync.replicas': '1' };

/** Our own readers of the log, as they call themselves. */
const READERS: ReadonlySet<string> = new Set(['ordeal-audit', 'ordeal-follower']);

const errorAt = (log: object | undefined, leader: number, self: Node): number =>
  log === undefined ? UNKNOWN_TOPIC : leader === self.id ? 0 : NOT_LEADER;

type FetchRequest = typeof fetch extends Api<infer Q, unknown, never, never> ? Q : never;
type FetchAnswer = typeof fetch extends Api<unknown, unknown, never, infer S> ? S : never;

async function handleFetch(request: FetchRequest, asked: Asked): Promise<Answer<FetchAnswer>> {
  const end = performance.now() + request.maxWaitMs;
  for (;;) {
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((one) => fetchPartition(topic, one, request, asked)),
    }));
    const all = topics.flatMap(({ partitions }) => partitions);
    const something = all.some(({ records, errorCode }) => records.length > 0 || errorCode !== 0);
    const left = end - performance.now();
    if (something || left <= 0 || asked.signal.aborted) return { response: { topics } };
    await asked.store.news(Math.ceil(left), asked.signal);
  }
}

type ById = typeof fetchById extends Api<infer Q, unknown, never, never> ? Q : never;
type ByIdAnswer = typeof fetchById extends Api<unknown, unknown, never, infer S> ? S : never;

/** The same by the topics' ids; who is not the leader says who is, and where. */
async function handleFetchById(request: ById, asked: Asked): Promise<Answer<ByIdAnswer>> {
  const { store, nodes } = asked;
  const topics = request.topics.map(({ topicId, partitions }) => ({
    topic: store.nameOf(topicId),
    partitions,
  }));
  const { response } = await handleFetch({ ...request, topics, forgottenTopics: [] }, asked);
  const answers = response?.topics ?? [];
  return {
    response: {
      topics: answers.map(({ topic, partitions }) => ({
        topicId: store.idOf(topic),
        partitions: partitions.map((one) =>
          one.errorCode === NOT_LEADER
            ? { ...one, currentLeader: nowLed(asked, topic, one.partition) }
            : one,
        ),
      })),
      nodeEndpoints: nodes.map(({ id, host, port }) => ({ nodeId: id, host, port, rack: null })),
    },
  };
}

function fetchPartition(
  topic: string,
  {
    partition,
    fetchOffset,
    partitionMaxBytes,
  }: Pick<
    FetchRequest['topics'][number]['partitions'][number],
    'partition' | 'fetchOffset' | 'partitionMaxBytes'
  >,
  { isolationLevel }: FetchRequest,
  { store, nodes, self, clientId }: Asked,
) {
  const log = store.find(topic, partition);
  const away = errorAt(log, leaderOf({ nodes, store }, topic, partition), self);
  const outside = log !== undefined && (fetchOffset < log.start || fetchOffset > log.end);
  const errorCode = away !== 0 ? away : outside ? OUT_OF_RANGE : 0;
  const answer = { partition, errorCode, logStartOffset: log?.start ?? -1 };
  if (log === undefined || errorCode !== 0) {
    const known = { highWatermark: log?.end ?? -1, lastStableOffset: log?.stable ?? -1 };
    return { ...answer, ...known, records: Buffer.alloc(0) };
  }
  const { end: highWatermark, stable: lastStableOffset } = log;
  const below = isolationLevel === 1 ? lastStableOffset : Infinity;
  return {
    ...answer,
    ...{ highWatermark, lastStableOffset },
    abortedTransactions: isolationLevel === 1 ? log.abortedFrom(fetchOffset) : null,
    records: log.read(fetchOffset, partitionMaxBytes, READERS.has(clientId), below),
  };
}

type ProduceRequest = typeof produce extends Api<infer Q, unknown, never, never> ? Q : never;
type ProduceAnswer = typeof produce extends Api<unknown, unknown, never, infer S> ? S : never;

const NOT_HERE = { errorCode: NOT_LEADER, baseOffset: -1 };

/** What a broker tells of the leader whom it is taken for (KIP-951). */
const nowLed = (asked: Asked, topic: string, partition: number) => ({
  leaderId: leaderOf(asked, topic, partition),
  leaderEpoch: asked.store.find(topic, partition)?.leaderEpoch ?? -1,
});

async function handleProduce(
  request: ProduceRequest,
  asked: Asked,
): Promise<Answer<ProduceAnswer>> {
  const { store, self, receivedUs, clientId, connection } = asked;
  let silent = request.acks === 0;
  let delayMs = 0;
  const produced: ProducedBatch[] = [];
  const topics = [];
  for (const { topic, partitions } of request.topics) {
    const answers = [];
    for (const { partition, records } of partitions) {
      if (leaderOf(asked, topic, partition) !== self.id) {
        answers.push({ ...NOT_HERE, partition, currentLeader: nowLed(asked, topic, partition) });
        continue;
      }
      const sender = { clientId, receivedUs, connection };
      const taken = await store.produce(topic, partition, records ?? Buffer.alloc(0), sender);
      produced.push(...taken.entries);
      silent ||= taken.silent || taken.cut;
      if (taken.cut) (connection as Socket).destroy();
      delayMs = Math.max(delayMs, taken.delayMs);
      answers.push({ partition, errorCode: taken.errorCode, baseOffset: taken.baseOffset });
    }
    topics.push({ topic, partitions: answers });
  }
  return { response: silent ? null : { topics }, delayMs, produced };
}

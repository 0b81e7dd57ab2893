/** Brokers, topics, the quorum and finalized features. */
import { type Address, formatAddress } from '../../lib/address.ts';
import { environmentError, type OrdealError } from '../../lib/errors.ts';
import type { ResponseOf } from '../api.ts';
import { apiVersions, CLIENT_SOFTWARE } from '../apis/api-versions.ts';
import { describeQuorum } from '../apis/describe-quorum.ts';
import { metadata as metadataApi } from '../apis/metadata.ts';
import type { Brokers } from '../brokers.ts';
import { codeOf, errorName } from '../errors.ts';
import { retrying } from './retry.ts';

const UNKNOWN_TOPIC = codeOf('UNKNOWN_TOPIC_OR_PARTITION');

export type PartitionMetadata = {
  readonly partition: number;
  /** -1 when there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly errorCode: number;
};

export type TopicMetadata = {
  readonly name: string;
  readonly topicId: string;
  readonly errorCode: number;
  /** By partition. */
  readonly partitions: readonly PartitionMetadata[];
};

export type ClusterMetadata = {
  readonly clusterId: string | null;
  readonly brokers: readonly {
    readonly id: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly topics: readonly TopicMetadata[];
};

/**
 * A broker that is cut off goes on answering from what it knew, so all are asked: topics come from whoever knows
 * them, each partition from the answer with the highest leader epoch, and among equals from its own leader.
 */
export async function metadata(
  brokers: Brokers,
  names: readonly string[] | undefined,
  timeoutMs?: number,
): Promise<ClusterMetadata> {
  const answers = await brokers.all(
    metadataApi,
    {
      topics: names === undefined ? null : names.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    },
    timeoutMs,
  );
  const merged = mergeMetadata(answers);
  brokers.learn(merged.brokers);
  return merged;
}

/** Which brokers know any of these topics, each asked by itself; throws when one does not answer. */
export async function whoKnows(
  brokers: Brokers,
  names: readonly string[],
  timeoutMs?: number,
): Promise<readonly number[]> {
  const topics = names.map((name) => ({ name }));
  const everyone = (await metadata(brokers, [], timeoutMs)).brokers;
  const asked = everyone.map(async ({ id }) => {
    const request = { topics, allowAutoTopicCreation: false };
    const answer = await brokers.to(id, metadataApi, request, timeoutMs);
    return answer.topics.some(({ errorCode }) => errorCode !== UNKNOWN_TOPIC) ? [id] : [];
  });
  return (await Promise.all(asked)).flat();
}

type Heard = { readonly from: Address; readonly answer: ResponseOf<typeof metadataApi> };
/** `by` is the broker that said so, -1 when it could not be told from its address. */
type Claim = PartitionMetadata & { readonly by: number };

/** Exported for its tests. The broker list is that of the answer that knows most brokers. */
export function mergeMetadata(heard: readonly Heard[]): ClusterMetadata {
  const topics = new Map<string, Merging>();
  for (const { from, answer } of heard) {
    const by =
      answer.brokers.find((broker) => formatAddress(broker) === formatAddress(from))?.nodeId ?? -1;
    for (const topic of answer.topics) addTopic(topics, topic, by);
  }
  const fullest = heard.reduce((best, next) =>
    next.answer.brokers.length > best.answer.brokers.length ? next : best,
  ).answer;
  return {
    clusterId: fullest.clusterId,
    brokers: fullest.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })),
    topics: [...topics.values()].map(({ claims, ...topic }) => ({
      ...topic,
      partitions: [...claims.values()]
        .map(({ by: _, ...partition }) => partition)
        .sort((a, b) => a.partition - b.partition),
    })),
  };
}

type Merging = Omit<TopicMetadata, 'partitions'> & { readonly claims: Map<number, Claim> };

function addTopic(
  topics: Map<string, Merging>,
  { name, topicId, errorCode, partitions }: Heard['answer']['topics'][number],
  by: number,
): void {
  if (name === null) return;
  const known = topics.get(name);
  const claims = known?.claims ?? new Map<number, Claim>();
  if (known === undefined || known.errorCode !== 0) {
    topics.set(name, { name, topicId, errorCode, claims });
  }
  for (const { offlineReplicas: _, ...partition } of partitions) {
    keepNewer(claims, { ...partition, by });
  }
}

function keepNewer(claims: Map<number, Claim>, claim: Claim): void {
  const before = claims.get(claim.partition);
  const newer =
    before === undefined ||
    claim.leaderEpoch > before.leaderEpoch ||
    (claim.leaderEpoch === before.leaderEpoch && claim.by === claim.leader);
  if (newer) claims.set(claim.partition, claim);
}

export type Quorum = {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly voters: readonly { readonly id: number; readonly logEndOffset: number }[];
  readonly observers: readonly { readonly id: number; readonly logEndOffset: number }[];
};

const CLUSTER_AUTHORIZATION_FAILED = codeOf('CLUSTER_AUTHORIZATION_FAILED');
const NOBODY: Quorum = { leaderId: -1, leaderEpoch: -1, voters: [], observers: [] };

/** Brokers pass the question on to the controller they believe in; the highest epoch wins. */
export async function quorum(brokers: Brokers, timeoutMs?: number): Promise<Quorum> {
  const ask = async (leftMs: number): Promise<Quorum> => {
    const answers = await brokers.all(
      describeQuorum,
      { topics: [{ topic: '__cluster_metadata', partitions: [{ partition: 0 }] }] },
      leftMs,
    );
    const views = answers.flatMap(({ answer }) => {
      if (answer.errorCode === CLUSTER_AUTHORIZATION_FAILED) throw refused(answer.errorCode);
      const [view] = answer.topics[0]?.partitions ?? [];
      return view?.errorCode === 0 ? [view] : [];
    });
    return views.reduce<Quorum>((best, view) => {
      if (view.leaderEpoch < best.leaderEpoch) return best;
      const { leaderId, leaderEpoch } = view;
      return {
        leaderId,
        leaderEpoch,
        voters: places(view.currentVoters),
        observers: places(view.observers),
      };
    }, NOBODY);
  };
  return retrying(timeoutMs, ask, ({ leaderId }) => leaderId < 0);
}

const places = (
  replicas: readonly { readonly replicaId: number; readonly logEndOffset: number }[],
): Quorum['voters'] =>
  replicas.map(({ replicaId, logEndOffset }) => ({ id: replicaId, logEndOffset }));

const refused = (code: number): OrdealError =>
  environmentError('kafka.refused', `the cluster answered ${errorName(code)} to DescribeQuorum`, {
    hint: 'the user of cluster.connection needs Describe rights on the cluster',
  });

/** The levels of every finalized feature, such as `metadata.version` and `transaction.version`. */
export async function features(brokers: Brokers): Promise<Readonly<Record<string, number>>> {
  const answer = await brokers.any(apiVersions, CLIENT_SOFTWARE);
  return Object.fromEntries(
    answer.finalizedFeatures.map((feature) => [feature.name, feature.maxVersionLevel]),
  );
}

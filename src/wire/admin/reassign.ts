/** Where the replicas of partitions are, how many partitions there are, and what their logs still begin with. */
import { createPartitions as createApi } from '../apis/create-partitions.ts';
import { deleteRecords as deleteApi } from '../apis/delete-records.ts';
import { alterPartitionReassignments, listPartitionReassignments } from '../apis/reassignments.ts';
import { type Brokers, REQUEST_MS } from '../brokers.ts';
import { codeOf, kafkaError } from '../errors.ts';
import { metadata } from './cluster.ts';
import { groupBy } from './group-by.ts';
import { retrying } from './retry.ts';
import type { Election, Place, TopicAnswer } from './topics.ts';

export type NewReplicas = Place & { readonly replicas: readonly number[] };
export type Reassignment = Place & {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
};
export type RecordsAnswer = {
  /** The offset that the log begins with now; -1 when there is an error. */
  readonly lowWatermark: number;
  readonly errorCode: number;
};

/** A request that was heard and answered once is not asked again: what is under way then is what was asked for. */
export async function alterReassignments(
  brokers: Brokers,
  wanted: readonly NewReplicas[],
  timeoutMs = REQUEST_MS,
): Promise<readonly Election[]> {
  const topics = [...groupBy(wanted, ({ topic }) => topic)].map(([name, mine]) => ({
    name,
    partitions: mine.map(({ partition, replicas }) => ({ partition, replicas })),
  }));
  const answer = await retrying(
    timeoutMs,
    (leftMs) =>
      brokers.any(
        alterPartitionReassignments,
        { timeoutMs: Math.ceil(leftMs / 2), topics },
        leftMs,
      ),
    ({ errorCode }) => kafkaError(errorCode).retriable,
  );
  if (answer.errorCode !== 0) {
    const { errorCode, errorMessage: message } = answer;
    return wanted.map(({ topic, partition }) => ({ topic, partition, errorCode, message }));
  }
  return answer.responses.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, errorCode, errorMessage }) => ({
      ...{ topic: name, partition, errorCode, message: errorMessage },
    })),
  );
}

/** Those under way. */
export async function listReassignments(
  brokers: Brokers,
  timeoutMs = REQUEST_MS,
): Promise<readonly Reassignment[]> {
  const answer = await retrying(
    timeoutMs,
    (leftMs) =>
      brokers.any(
        listPartitionReassignments,
        { timeoutMs: Math.ceil(leftMs / 2), topics: null },
        leftMs,
      ),
    ({ errorCode }) => kafkaError(errorCode).retriable,
  );
  return answer.topics.flatMap(({ name, partitions }) =>
    partitions.map((one) => ({ topic: name, ...one })),
  );
}

/** `count`: how many there are to be in all. */
export async function createPartitions(
  brokers: Brokers,
  topic: string,
  count: number,
  timeoutMs = REQUEST_MS,
): Promise<TopicAnswer> {
  const answer = await retrying(
    timeoutMs,
    (leftMs) =>
      brokers.any(
        createApi,
        { topics: [{ name: topic, count }], timeoutMs: Math.ceil(leftMs / 2) },
        leftMs,
      ),
    ({ results }) => results.some(({ errorCode }) => kafkaError(errorCode).retriable),
  );
  const [found] = answer.results;
  return {
    name: topic,
    errorCode: found?.errorCode ?? codeOf('UNKNOWN_SERVER_ERROR'),
    message: found?.errorMessage ?? null,
  };
}

const NO_LEADER = codeOf('LEADER_NOT_AVAILABLE');
const REFUSED: RecordsAnswer = { lowWatermark: -1, errorCode: NO_LEADER };

/** Everything below `before` goes. Asked of the leader, again while it moves. */
export function deleteRecords(
  brokers: Brokers,
  { topic, partition }: Place,
  before: number,
  timeoutMs = REQUEST_MS,
): Promise<RecordsAnswer> {
  const ask = async (leftMs: number): Promise<RecordsAnswer> => {
    const { topics } = await metadata(brokers, [topic], leftMs);
    const places = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const leader = places.find((one) => one.partition === partition)?.leader ?? -1;
    if (leader < 0) return REFUSED;
    const answer = await brokers.to(
      leader,
      deleteApi,
      {
        topics: [{ name: topic, partitions: [{ partition, offset: before }] }],
        timeoutMs: Math.ceil(leftMs / 2),
      },
      leftMs,
    );
    return answer.topics[0]?.partitions[0] ?? REFUSED;
  };
  return retrying(timeoutMs, ask, ({ errorCode }) => kafkaError(errorCode).retriable);
}

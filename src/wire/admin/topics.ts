/** Creating and deleting topics, electing leaders. */
import { createTopics as createApi } from '../apis/create-topics.ts';
import { deleteTopics as deleteApi } from '../apis/delete-topics.ts';
import { electLeaders as electApi, PREFERRED, UNCLEAN } from '../apis/elect-leaders.ts';
import { type Brokers, REQUEST_MS } from '../brokers.ts';
import { codeOf, kafkaError } from '../errors.ts';
import type { KafkaConfig } from '../security.ts';
import { groupBy } from './group-by.ts';
import { retrying } from './retry.ts';

export type NewTopic = {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config: KafkaConfig;
};

export type TopicAnswer = {
  readonly name: string;
  readonly errorCode: number;
  readonly message: string | null;
};

export type Place = { readonly topic: string; readonly partition: number };
export type Election = Place & { readonly errorCode: number; readonly message: string | null };

export function createTopics(
  brokers: Brokers,
  topics: readonly NewTopic[],
  timeoutMs = REQUEST_MS,
): Promise<readonly TopicAnswer[]> {
  return perTopic(topics, timeoutMs, async (left, leftMs) => {
    const answer = await brokers.any(
      createApi,
      {
        topics: left.map(({ name, partitions, replicas, config }) => ({
          name,
          numPartitions: partitions,
          replicationFactor: replicas,
          configs: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
        timeoutMs: Math.ceil(leftMs / 2),
      },
      leftMs,
    );
    return answer.topics.map(({ name, errorCode, errorMessage }) => ({
      name,
      errorCode,
      message: errorMessage,
    }));
  });
}

export function deleteTopics(
  brokers: Brokers,
  names: readonly string[],
  timeoutMs = REQUEST_MS,
): Promise<readonly TopicAnswer[]> {
  const topics = names.map((name) => ({ name }));
  return perTopic(topics, timeoutMs, async (left, leftMs) => {
    const answer = await brokers.any(
      deleteApi,
      {
        topics: left,
        topicNames: left.map(({ name }) => name),
        timeoutMs: Math.ceil(leftMs / 2),
      },
      leftMs,
    );
    return answer.responses.map(({ name, errorCode, errorMessage }) => ({
      name: name ?? '',
      errorCode,
      message: errorMessage,
    }));
  });
}

/** Asks again for those topics only whose answer may get better; answers come in the order of `topics`. */
async function perTopic<T extends { readonly name: string }>(
  topics: readonly T[],
  timeoutMs: number,
  ask: (left: readonly T[], leftMs: number) => Promise<readonly TopicAnswer[]>,
): Promise<readonly TopicAnswer[]> {
  const answers = new Map<string, TopicAnswer>();
  const open = (): readonly T[] =>
    topics.filter(({ name }) => {
      const answer = answers.get(name);
      return answer === undefined || kafkaError(answer.errorCode).retriable;
    });
  await retrying(
    timeoutMs,
    async (leftMs) => {
      for (const answer of await ask(open(), leftMs)) answers.set(answer.name, answer);
      return open().length > 0;
    },
    (unfinished) => unfinished && topics.length > 0,
  );
  return topics.flatMap(({ name }) => answers.get(name) ?? []);
}

const NOT_CONTROLLER = codeOf('NOT_CONTROLLER');

export async function electLeaders(
  brokers: Brokers,
  kind: 'preferred' | 'unclean',
  places: readonly Place[] | null,
  timeoutMs = REQUEST_MS,
): Promise<readonly Election[]> {
  const topics =
    places === null
      ? null
      : [...groupBy(places, ({ topic }) => topic)].map(([topic, mine]) => ({
          topic,
          partitions: mine.map(({ partition }) => partition),
        }));
  const answer = await retrying(
    timeoutMs,
    (leftMs) =>
      brokers.any(
        electApi,
        {
          electionType: kind === 'preferred' ? PREFERRED : UNCLEAN,
          topics,
          timeoutMs: Math.ceil(leftMs / 2),
        },
        leftMs,
      ),
    ({ errorCode }) => errorCode === NOT_CONTROLLER,
  );
  return answer.topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, errorCode, errorMessage }) => ({
      topic,
      partition,
      errorCode,
      message: errorMessage,
    })),
  );
}

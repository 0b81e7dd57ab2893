/** A partition's first and last offsets, asked of its leader. */
import { listOffsets as api, EARLIEST, LATEST } from '../apis/list-offsets.ts';
import { type Brokers, isPassing, REQUEST_MS } from '../brokers.ts';
import { codeOf, kafkaError } from '../errors.ts';
import { metadata } from './cluster.ts';
import { groupBy } from './group-by.ts';
import { retrying } from './retry.ts';

export type OffsetQuery = {
  readonly topic: string;
  readonly partition: number;
  /** `latest` is the high watermark, or the last stable offset for read_committed. */
  readonly at: 'earliest' | 'latest';
  readonly isolation?: 'read_uncommitted' | 'read_committed' | undefined;
};

export type OffsetAnswer = {
  readonly topic: string;
  readonly partition: number;
  /** -1 when there is an error. */
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly errorCode: number;
};

const LEADER_NOT_AVAILABLE = codeOf('LEADER_NOT_AVAILABLE');
const UNKNOWN_TOPIC = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
const REQUEST_TIMED_OUT = codeOf('REQUEST_TIMED_OUT');

export async function listOffsets(
  brokers: Brokers,
  queries: readonly OffsetQuery[],
  timeoutMs = REQUEST_MS,
): Promise<readonly OffsetAnswer[]> {
  const answers = queries.map((query) => refusal(query, LEADER_NOT_AVAILABLE));
  const open = (): number[] =>
    answers.flatMap(({ errorCode }, i) => (kafkaError(errorCode).retriable ? [i] : []));
  if (queries.length === 0) return answers;
  await retrying(
    timeoutMs,
    async (leftMs) => {
      await askLeaders(brokers, queries, open(), answers, leftMs);
      return open().length > 0;
    },
    (unfinished) => unfinished,
  );
  return answers;
}

const refusal = ({ topic, partition }: OffsetQuery, errorCode: number): OffsetAnswer => ({
  topic,
  partition,
  offset: -1,
  leaderEpoch: -1,
  errorCode,
});

/** One round: fresh metadata, then one request per leader and isolation level; fills in `answers`. */
async function askLeaders(
  brokers: Brokers,
  queries: readonly OffsetQuery[],
  open: readonly number[],
  answers: OffsetAnswer[],
  leftMs: number,
): Promise<void> {
  const end = performance.now() + leftMs;
  const leaders = await leadersOf(
    brokers,
    open.map((i) => queries[i] as OffsetQuery),
    leftMs,
  );
  const asked = open.flatMap((i) => {
    const query = queries[i] as OffsetQuery;
    const leader = leaders.get(`${query.topic}/${query.partition}`);
    if (leader !== undefined && leader >= 0) return [{ i, query, leader }];
    answers[i] = refusal(query, leader === undefined ? UNKNOWN_TOPIC : LEADER_NOT_AVAILABLE);
    return [];
  });
  // Every leader's share is asked apart per kind of question, since a request names a partition only once.
  const shares = groupBy(
    asked,
    ({ leader, query }) => `${leader} ${query.at} ${query.isolation ?? 'read_uncommitted'}`,
  );
  await Promise.all(
    [...shares.values()].map((share) =>
      askLeader(brokers, share, answers, Math.max(1, end - performance.now())),
    ),
  );
}

type Asked = { readonly i: number; readonly query: OffsetQuery; readonly leader: number };

async function askLeader(
  brokers: Brokers,
  share: readonly Asked[],
  answers: OffsetAnswer[],
  leftMs: number,
): Promise<void> {
  const [{ leader, query }] = share as [Asked];
  try {
    const answer = await brokers.to(
      leader,
      api,
      {
        isolationLevel: query.isolation === 'read_committed' ? 1 : 0,
        topics: [...groupBy(share, (one) => one.query.topic)].map(([name, mine]) => ({
          name,
          partitions: mine.map((one) => ({
            partition: one.query.partition,
            timestamp: query.at === 'latest' ? LATEST : EARLIEST,
          })),
        })),
      },
      leftMs,
    );
    for (const one of share) {
      const { topic, partition } = one.query;
      const found = answer.topics
        .find(({ name }) => name === topic)
        ?.partitions.find((candidate) => candidate.partition === partition);
      if (found === undefined) continue;
      const { errorCode, offset, leaderEpoch } = found;
      answers[one.i] = { topic, partition, offset, leaderEpoch, errorCode };
    }
  } catch (error) {
    if (!isPassing(error)) throw error;
    for (const one of share) answers[one.i] = refusal(one.query, REQUEST_TIMED_OUT);
  }
}

async function leadersOf(
  brokers: Brokers,
  queries: readonly OffsetQuery[],
  leftMs: number,
): Promise<ReadonlyMap<string, number>> {
  const names = [...new Set(queries.map(({ topic }) => topic))];
  const { topics } = await metadata(brokers, names, leftMs);
  return new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partition, leader }) => [`${name}/${partition}`, leader] as const),
    ),
  );
}

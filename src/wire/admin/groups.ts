/** Coordinators, and what they know: committed offsets, groups, transactions. */
import { deleteGroups as deleteApi } from '../apis/delete-groups.ts';
import { describeGroups as describeApi } from '../apis/describe-groups.ts';
import {
  findCoordinator as findApi,
  GROUP_KEY,
  TRANSACTION_KEY,
} from '../apis/find-coordinator.ts';
import { listTransactions as transactionsApi } from '../apis/list-transactions.ts';
import { NO_GENERATION, offsetCommit } from '../apis/offset-commit.ts';
import { offsetFetch } from '../apis/offset-fetch.ts';
import { type Brokers, REQUEST_MS } from '../brokers.ts';
import { codeOf, kafkaError } from '../errors.ts';
import { metadata } from './cluster.ts';
import { retrying } from './retry.ts';

const COORDINATOR_NOT_AVAILABLE = codeOf('COORDINATOR_NOT_AVAILABLE');
const NON_EMPTY_GROUP = codeOf('NON_EMPTY_GROUP');

export async function findCoordinator(
  brokers: Brokers,
  of: 'group' | 'transaction',
  key: string,
  timeoutMs = REQUEST_MS,
): Promise<number> {
  const found = await retrying(
    timeoutMs,
    async (leftMs) => {
      const keyType = of === 'group' ? GROUP_KEY : TRANSACTION_KEY;
      const answer = await brokers.any(findApi, { key, keyType, coordinatorKeys: [key] }, leftMs);
      return answer.coordinators[0] ?? answer;
    },
    ({ errorCode }) => kafkaError(errorCode).retriable,
  );
  if (found.errorCode !== 0) return -1;
  if (!brokers.knows(found.nodeId)) await metadata(brokers, [], timeoutMs);
  return found.nodeId;
}

/** Finds the coordinator and asks it, again when it has moved. Out of time, `none` is the answer. */
async function ofCoordinator<T>(
  brokers: Brokers,
  group: string,
  timeoutMs: number,
  ask: (coordinator: number, leftMs: number) => Promise<T>,
  errorOf: (answer: T) => number,
  none: T,
): Promise<T> {
  return retrying(
    timeoutMs,
    async (leftMs) => {
      const coordinator = await findCoordinator(brokers, 'group', group, leftMs);
      return coordinator < 0 ? none : ask(coordinator, leftMs);
    },
    (answer) => kafkaError(errorOf(answer)).retriable,
  );
}

export type CommittedOffset = {
  readonly partition: number;
  /** -1: nothing is committed. */
  readonly offset: number;
  readonly errorCode: number;
};

export async function committedOffsets(
  brokers: Brokers,
  group: string,
  topic: string,
  partitions: readonly number[],
  timeoutMs = REQUEST_MS,
): Promise<readonly CommittedOffset[]> {
  const topics = [{ name: topic, partitions }];
  const ask = async (coordinator: number, leftMs: number): Promise<readonly CommittedOffset[]> => {
    const answer = await brokers.to(
      coordinator,
      offsetFetch,
      { groupId: group, topics, groups: [{ groupId: group, topics }] },
      leftMs,
    );
    const found = answer.groups[0] ?? answer;
    if (found.errorCode !== 0) return all(found.errorCode);
    return (found.topics[0]?.partitions ?? []).map(({ partition, committedOffset, errorCode }) => ({
      partition,
      offset: committedOffset,
      errorCode,
    }));
  };
  const all = (errorCode: number): readonly CommittedOffset[] =>
    partitions.map((partition) => ({ partition, offset: -1, errorCode }));
  return ofCoordinator(
    brokers,
    group,
    timeoutMs,
    ask,
    (answer) => answer.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0,
    all(COORDINATOR_NOT_AVAILABLE),
  );
}

/** One answer per partition: `offset` is what was to be committed, `errorCode` 0 when it is. */
export async function commitOffsets(
  brokers: Brokers,
  group: string,
  topic: string,
  offsets: readonly { readonly partition: number; readonly offset: number }[],
  timeoutMs = REQUEST_MS,
): Promise<readonly CommittedOffset[]> {
  const partitions = offsets.map(({ partition, offset }) => ({
    partition,
    committedOffset: offset,
    metadata: null,
  }));
  const ask = async (coordinator: number, leftMs: number): Promise<readonly CommittedOffset[]> => {
    const member = { generationId: NO_GENERATION, memberId: '' };
    const answer = await brokers.to(
      coordinator,
      offsetCommit,
      { groupId: group, ...member, topics: [{ name: topic, partitions }] },
      leftMs,
    );
    const told = new Map(answer.topics[0]?.partitions.map((one) => [one.partition, one.errorCode]));
    return all((partition) => told.get(partition) ?? COORDINATOR_NOT_AVAILABLE);
  };
  const all = (codeFor: (partition: number) => number): readonly CommittedOffset[] =>
    offsets.map((one) => ({ ...one, errorCode: codeFor(one.partition) }));
  return ofCoordinator(
    brokers,
    group,
    timeoutMs,
    ask,
    (answer) => answer.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0,
    all(() => COORDINATOR_NOT_AVAILABLE),
  );
}

export type GroupDescription = {
  readonly group: string;
  readonly errorCode: number;
  /** Kafka's word, such as `Stable`, `Empty`, `PreparingRebalance`. */
  readonly state: string;
  readonly protocol: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly clientId: string;
    readonly clientHost: string;
  }[];
};

export function describeGroups(
  brokers: Brokers,
  names: readonly string[],
  timeoutMs = REQUEST_MS,
): Promise<readonly GroupDescription[]> {
  return Promise.all(names.map((name) => describeGroup(brokers, name, timeoutMs)));
}

function describeGroup(
  brokers: Brokers,
  group: string,
  timeoutMs: number,
): Promise<GroupDescription> {
  const none = {
    group,
    errorCode: COORDINATOR_NOT_AVAILABLE,
    state: '',
    protocol: '',
    members: [],
  };
  const ask = async (coordinator: number, leftMs: number): Promise<GroupDescription> => {
    const answer = await brokers.to(coordinator, describeApi, { groups: [group] }, leftMs);
    const [found] = answer.groups;
    if (found === undefined) return none;
    const { errorCode, state, protocol, members } = found;
    return {
      group,
      errorCode,
      state,
      protocol,
      members: members.map(({ memberId, clientId, clientHost }) => ({
        memberId,
        clientId,
        clientHost,
      })),
    };
  };
  return ofCoordinator(brokers, group, timeoutMs, ask, ({ errorCode }) => errorCode, none);
}

export type GroupAnswer = { readonly group: string; readonly errorCode: number };

export function deleteGroups(
  brokers: Brokers,
  names: readonly string[],
  timeoutMs = REQUEST_MS,
): Promise<readonly GroupAnswer[]> {
  return Promise.all(names.map((name) => deleteGroup(brokers, name, timeoutMs)));
}

/** Members that have just left may still be counted, so `NON_EMPTY_GROUP` is asked again as well. */
function deleteGroup(brokers: Brokers, group: string, timeoutMs: number): Promise<GroupAnswer> {
  const ask = async (coordinator: number, leftMs: number): Promise<GroupAnswer> => {
    const answer = await brokers.to(coordinator, deleteApi, { groupsNames: [group] }, leftMs);
    const errorCode = answer.results[0]?.errorCode ?? COORDINATOR_NOT_AVAILABLE;
    return { group, errorCode };
  };
  const none = { group, errorCode: COORDINATOR_NOT_AVAILABLE };
  return retrying(
    timeoutMs,
    async (leftMs) => {
      const coordinator = await findCoordinator(brokers, 'group', group, leftMs);
      return coordinator < 0 ? none : ask(coordinator, leftMs);
    },
    ({ errorCode }) => errorCode === NON_EMPTY_GROUP || kafkaError(errorCode).retriable,
  );
}

export type OngoingTransaction = {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: string;
};

const UNFINISHED = ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence'];

export async function listTransactions(
  brokers: Brokers,
  timeoutMs = REQUEST_MS,
): Promise<readonly OngoingTransaction[]> {
  await metadata(brokers, [], timeoutMs);
  const answers = await brokers.all(
    transactionsApi,
    { stateFilters: [], producerIdFilters: [] },
    timeoutMs,
  );
  return answers.flatMap(({ answer }) =>
    answer.transactions.filter(({ state }) => UNFINISHED.includes(state)),
  );
}

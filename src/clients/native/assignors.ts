/** Who of a group reads which partitions, as Kafka's own assignors of the same names have it. */
import type { TopicPartitions } from './consumer-protocol.ts';

export type Subscriber = { readonly memberId: string; readonly topics: readonly string[] };

/** By member; who gets nothing has an empty list. `partitions`: how many each topic has. */
export type Assign = (
  subscribers: readonly Subscriber[],
  partitions: ReadonlyMap<string, number>,
) => ReadonlyMap<string, readonly TopicPartitions[]>;

type Owned = Map<string, Map<string, number[]>>;

/** Of each topic the first member gets the first partitions, one more each where they cannot be shared out evenly. */
const range: Assign = (subscribers, partitions) => {
  const owned = nothing(subscribers);
  for (const topic of topicsOf(subscribers, partitions)) {
    const members = inOrder(subscribers).filter(({ topics }) => topics.includes(topic));
    const count = partitions.get(topic) ?? 0;
    for (let partition = 0; partition < count; partition++) {
      const most = Math.ceil(count / members.length);
      const withMost = count % members.length || members.length;
      const boundary = withMost * most;
      const member =
        partition < boundary
          ? Math.floor(partition / most)
          : withMost + Math.floor((partition - boundary) / (most - 1));
      give(owned, members[member]?.memberId, topic, partition);
    }
  }
  return listed(owned);
};

/** All partitions one after the other, to the next member that reads their topic. */
const roundRobin: Assign = (subscribers, partitions) => {
  const owned = nothing(subscribers);
  const members = inOrder(subscribers);
  let turn = 0;
  for (const topic of topicsOf(subscribers, partitions)) {
    for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition++) {
      while (!members[turn % members.length]?.topics.includes(topic)) turn += 1;
      give(owned, members[turn % members.length]?.memberId, topic, partition);
      turn += 1;
    }
  }
  return listed(owned);
};

/** By Kafka's class names: what the group's members call it among themselves, and what it does. */
export const ASSIGNORS: Readonly<
  Record<string, { readonly name: string; readonly assign: Assign }>
> = {
  'org.apache.kafka.clients.consumer.RangeAssignor': { name: 'range', assign: range },
  'org.apache.kafka.clients.consumer.RoundRobinAssignor': {
    name: 'roundrobin',
    assign: roundRobin,
  },
};

const nothing = (subscribers: readonly Subscriber[]): Owned =>
  new Map(subscribers.map(({ memberId }) => [memberId, new Map()]));

const inOrder = (subscribers: readonly Subscriber[]): readonly Subscriber[] =>
  [...subscribers].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));

/** Those that exist and somebody reads. */
const topicsOf = (
  subscribers: readonly Subscriber[],
  partitions: ReadonlyMap<string, number>,
): readonly string[] =>
  [...new Set(subscribers.flatMap(({ topics }) => topics))]
    .filter((topic) => partitions.has(topic))
    .sort();

function give(owned: Owned, member: string | undefined, topic: string, partition: number): void {
  const topics = owned.get(member ?? '');
  const partitions = topics?.get(topic);
  if (partitions === undefined) topics?.set(topic, [partition]);
  else partitions.push(partition);
}

const listed = (owned: Owned): ReturnType<Assign> =>
  new Map(
    [...owned].map(([member, topics]) => [
      member,
      [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    ]),
  );

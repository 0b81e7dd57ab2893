/**
 * The admin under the scenario's names: whoever asks and whoever reads the answer speaks of `orders`, and Kafka of
 * `ordeal-3f9a12bc-orders`. So evidence, faults and reports need not know that there is a difference.
 */
import {
  groupInKafka,
  type KafkaNames,
  topicInKafka,
  transactionInKafka,
} from '../scenario/kafka-names.ts';
import type { Admin, Resource } from '../wire/admin.ts';

export function namedAdmin(admin: Admin, names: KafkaNames): Admin {
  const topic = (name: string): string => topicInKafka(names, name);
  const group = (name: string): string => groupInKafka(names, name);
  const own = backwards(names.topics);
  const ownGroup = backwards(names.groups);
  const resource = <R extends Resource>(one: R): R =>
    one.kind === 'topic' ? { ...one, name: topic(one.name) } : one;
  const ownResource = <R extends Resource>(one: R): R =>
    one.kind === 'topic' ? { ...one, name: own(one.name) } : one;
  const named = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] =>
    list.map((one) => ({ ...one, name: own(one.name) }));
  return {
    ...admin,
    metadata: async (wanted, within) => {
      const answer = await admin.metadata(wanted?.map(topic), within);
      return { ...answer, topics: named(answer.topics) };
    },
    whoKnows: (list, within) => admin.whoKnows(list.map(topic), within),
    createTopics: async (list, within) =>
      named(
        await admin.createTopics(
          list.map((one) => ({ ...one, name: topic(one.name) })),
          within,
        ),
      ),
    deleteTopics: async (list, within) => named(await admin.deleteTopics(list.map(topic), within)),
    ...namedChanges(admin, topic, own),
    listOffsets: async (queries, within) => {
      const asked = queries.map((query) => ({ ...query, topic: topic(query.topic) }));
      const answers = await admin.listOffsets(asked, within);
      return answers.map((one) => ({ ...one, topic: own(one.topic) }));
    },
    findCoordinator: (of, key, within) =>
      admin.findCoordinator(
        of,
        of === 'group' ? group(key) : transactionInKafka(names, key),
        within,
      ),
    committedOffsets: (name, of, partitions, within) =>
      admin.committedOffsets(group(name), topic(of), partitions, within),
    commitOffsets: (name, of, offsets, within) =>
      admin.commitOffsets(group(name), topic(of), offsets, within),
    describeGroups: async (list, within) => {
      const found = await admin.describeGroups(list.map(group), within);
      return found.map((one) => ({ ...one, group: ownGroup(one.group) }));
    },
    deleteGroups: async (list, within) => {
      const answers = await admin.deleteGroups(list.map(group), within);
      return answers.map((one) => ({ ...one, group: ownGroup(one.group) }));
    },
    incrementalAlterConfigs: async (changes, within) =>
      (await admin.incrementalAlterConfigs(changes.map(resource), within)).map(ownResource),
    describeConfigs: async (resources, within) =>
      (await admin.describeConfigs(resources.map(resource), within)).map(ownResource),
  };
}

type Changes = Pick<
  Admin,
  'electLeaders' | 'alterReassignments' | 'listReassignments' | 'createPartitions' | 'deleteRecords'
>;

/** What is asked for of single partitions. `own` is from Kafka's name to the scenario's. */
function namedChanges(
  admin: Admin,
  topic: (name: string) => string,
  own: (name: string) => string,
): Changes {
  return {
    electLeaders: async (kind, places, within) => {
      const asked = places?.map((place) => ({ ...place, topic: topic(place.topic) })) ?? null;
      const elected = await admin.electLeaders(kind, asked, within);
      return elected.map((one) => ({ ...one, topic: own(one.topic) }));
    },
    alterReassignments: async (wanted, within) => {
      const asked = wanted.map((one) => ({ ...one, topic: topic(one.topic) }));
      const answers = await admin.alterReassignments(asked, within);
      return answers.map((one) => ({ ...one, topic: own(one.topic) }));
    },
    listReassignments: async (within) =>
      (await admin.listReassignments(within)).map((one) => ({ ...one, topic: own(one.topic) })),
    createPartitions: async (name, count, within) => {
      const answer = await admin.createPartitions(topic(name), count, within);
      return { ...answer, name: own(answer.name) };
    },
    deleteRecords: (place, before, within) =>
      admin.deleteRecords({ ...place, topic: topic(place.topic) }, before, within),
  };
}

/** From Kafka's name to the scenario's; what the scenario does not know keeps its name. */
function backwards(names: Readonly<Record<string, string>>): (name: string) => string {
  const own = new Map(Object.entries(names).map(([name, inKafka]) => [inKafka, name]));
  return (name) => own.get(name) ?? name;
}

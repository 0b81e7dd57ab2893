/** The scenario's topics: there before the first send, and led by somebody. */
import type { StreamTable } from '../evidence/streams.ts';
import { waitFor } from '../lib/deadline.ts';
import { environmentError } from '../lib/errors.ts';
import { groupInKafka, type KafkaNames, topicInKafka } from '../scenario/kafka-names.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Admin, TopicMetadata } from '../wire/admin.ts';
import { codeOf, errorName } from '../wire/errors.ts';

const ACCEPTED = [0, codeOf('TOPIC_ALREADY_EXISTS')];
const UNKNOWN_TOPIC = codeOf('UNKNOWN_TOPIC_OR_PARTITION');

/** `admin` speaks the scenario's names, and messages for people Kafka's. */
export async function prepareTopics(
  admin: Admin,
  scenario: Scenario,
  names: KafkaNames,
  signal: AbortSignal,
): Promise<void> {
  await checkExisting(admin, scenario);
  const made = Object.entries(scenario.topics).filter(([, { existing }]) => !existing);
  const answers = await admin.createTopics(
    made.map(([name, { partitions, replicas, config }]) => ({
      ...{ name, partitions, replicas, config },
    })),
  );
  for (const { name, errorCode, message } of answers) {
    if (ACCEPTED.includes(errorCode)) continue;
    throw environmentError(
      'topic.refused',
      `Kafka refused to create topic ${topicInKafka(names, name)}: ${errorName(errorCode)}${message ? `, ${message}` : ''}`,
      { hint: `look at topics.${name} in the scenario` },
    );
  }
  await waitFor('a leader for every partition', () => allLed(admin, scenario), {
    timeoutMs: 30_000,
    everyMs: 100,
    signal,
  });
}

/** The streams of the run were planned by the scenario's word. */
async function checkExisting(admin: Admin, scenario: Scenario): Promise<void> {
  const existing = Object.entries(scenario.topics).filter(([, spec]) => spec.existing);
  if (existing.length === 0) return;
  const { topics } = await admin.metadata(existing.map(([name]) => name));
  for (const [name, spec] of existing) {
    const found = topics.find((topic) => topic.name === name);
    const errorCode = found?.errorCode ?? UNKNOWN_TOPIC;
    if (errorCode !== 0) {
      throw environmentError('topic.missing', `topic ${name}: ${errorName(errorCode)}`, {
        hint: `remove \`existing\` of topics.${name}, and ordeal makes a topic of its own`,
      });
    }
    const partitions = found?.partitions.length ?? 0;
    if (partitions === spec.partitions) continue;
    throw environmentError(
      'topic.differs',
      `topic ${name} has ${partitions} partitions, and the scenario says ${spec.partitions}`,
      { hint: `write topics.${name}.partitions: ${partitions}` },
    );
  }
}

async function allLed(admin: Admin, scenario: Scenario): Promise<boolean> {
  const { topics } = await admin.metadata(Object.keys(scenario.topics));
  return Object.entries(scenario.topics).every(([name, { partitions, existing }]) => {
    const found = topics.find((topic) => topic.name === name);
    return found?.partitions.length === partitions && isLed(found, existing === true);
  });
}

/** New topics must be whole; one that existed may lack a replica that nobody here can bring back. */
const isLed = ({ partitions }: TopicMetadata, existing: boolean): boolean =>
  partitions.every(
    ({ leader, isr, replicas }) => leader >= 0 && (existing || isr.length === replicas.length),
  );

/** A group that is new to a topic full of others' records begins where the run does, not at the beginning. */
export async function placeGroups(
  admin: Admin,
  scenario: Scenario,
  names: KafkaNames,
  { partitions }: StreamTable,
  from: readonly number[],
): Promise<void> {
  for (const load of scenario.load) {
    if (load.kind !== 'consume' || !scenario.topics[load.topic]?.existing) continue;
    const offsets = partitions.flatMap(({ topic, partition }, place) =>
      topic === load.topic ? [{ partition, offset: from[place] as number }] : [],
    );
    const answers = await admin.commitOffsets(load.group, load.topic, offsets);
    const refused = answers.find(({ errorCode }) => errorCode !== 0);
    if (refused === undefined) continue;
    const group = groupInKafka(names, load.group);
    throw environmentError(
      'group.refused',
      `Kafka refused to commit for group ${group}: ${errorName(refused.errorCode)}`,
      { hint: 'the user of cluster.connection needs Read rights on the group and on the topic' },
    );
  }
}

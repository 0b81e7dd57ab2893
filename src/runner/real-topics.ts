/**
 * On a cluster that others have set up, topics are as they are: brokers have defaults of their own, and a topic that
 * existed already has settings that nobody wrote into the scenario. They are read, recorded, and judged by.
 */
import type { RunEvent } from '../evidence/events.ts';
import { type KafkaNames, topicInKafka } from '../scenario/kafka-names.ts';
import type { Scenario, TopicSpec } from '../scenario/scenario.ts';
import type { Admin, ConfigEntry } from '../wire/admin.ts';
import { errorName } from '../wire/errors.ts';
import type { Session } from './session.ts';

/** `admin` speaks the scenario's names. */
export async function recordTopics(
  session: Session,
  admin: Admin,
  names: KafkaNames,
): Promise<void> {
  const wanted = Object.keys(session.plan.scenario.topics);
  const { topics } = await admin.metadata(wanted);
  const answers = await admin.describeConfigs(
    wanted.map((name) => ({ kind: 'topic' as const, name })),
  );
  for (const { name, errorCode, entries } of answers) {
    const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
    if (errorCode !== 0) {
      session.event({
        type: 'warning',
        code: 'topic-settings-unknown',
        message: `the settings of topic ${name} cannot be read (${errorName(errorCode)}): it is judged by what the scenario says`,
      });
    }
    session.event({
      type: 'topic',
      topic: name,
      inKafka: topicInKafka(names, name),
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: settingsOf(entries),
    });
  }
}

const settingsOf = (entries: readonly ConfigEntry[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entries.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const])),
  );

/** The scenario with every topic as it was found; pure. */
export function asFound(scenario: Scenario, events: readonly RunEvent[]): Scenario {
  const found = new Map(
    events.flatMap((event) => (event.type === 'topic' ? [[event.topic, event] as const] : [])),
  );
  const topics = Object.entries(scenario.topics).map(([name, spec]): [string, TopicSpec] => {
    const real = found.get(name);
    if (real === undefined) return [name, spec];
    const { replicas, config } = real;
    return [name, { ...spec, replicas, config: { ...spec.config, ...config } }];
  });
  return { ...scenario, topics: Object.fromEntries(topics) };
}

/** A topic's setting as Kafka comes to it: its own, else what the brokers have for all topics, by another name. */
import type { Scenario } from './scenario.ts';

/** What brokers call settings of topics, where that is another name. */
const BROKER_NAMES: Readonly<Record<string, string>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': 'log.flush.interval.ms',
};

/** What a scenario sets, and where: the path in its file. Undefined: Kafka's default. */
export type Setting = { readonly value: string; readonly path: readonly string[] };

export function findTopicSetting(
  { topics, cluster }: Scenario,
  topic: string,
  name: string,
): Setting | undefined {
  const own = topics[topic]?.config[name];
  if (own !== undefined) return { value: own, path: ['topics', topic, 'config', name] };
  const general = BROKER_NAMES[name] ?? name;
  const value = cluster.config[general];
  return value === undefined ? undefined : { value, path: ['cluster', 'config', general] };
}

export const topicSetting = (scenario: Scenario, topic: string, name: string): string | undefined =>
  findTopicSetting(scenario, topic, name)?.value;

/** What topics call a setting of brokers. */
export const topicNameOf = (brokerSetting: string): string =>
  Object.entries(BROKER_NAMES).find(([, general]) => general === brokerSetting)?.[0] ??
  brokerSetting;

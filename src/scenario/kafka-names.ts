/**
 * What the scenario's topics and groups are called in Kafka. On a cluster that others use as well they carry a prefix;
 * scenario, evidence, expectations and reports speak of them by the scenario's own names. Plain data.
 */
import type { Scenario } from './scenario.ts';

type Names = Readonly<Record<string, string>>;

export type KafkaNames = { readonly topics: Names; readonly groups: Names };

/** Topics and groups are called what the scenario calls them. */
export const OWN_NAMES: KafkaNames = { topics: {}, groups: {} };

/** Every group, and every topic but those that exist already, is called `PREFIX` and its own name. */
export function prefixedNames({ topics, load }: Scenario, prefix: string): KafkaNames {
  const made = Object.entries(topics).filter(([, { existing }]) => !existing);
  const groups = load.flatMap((one) => (one.kind === 'consume' ? [one.group] : []));
  const named = (names: readonly string[]): Names =>
    Object.fromEntries(names.map((name) => [name, `${prefix}${name}`]));
  return { topics: named(made.map(([name]) => name)), groups: named(groups) };
}

export const topicInKafka = ({ topics }: KafkaNames, topic: string): string => own(topics, topic);

export const groupInKafka = ({ groups }: KafkaNames, group: string): string => own(groups, group);

const own = (names: Names, name: string): string =>
  Object.hasOwn(names, name) ? (names[name] as string) : name;

/**
 * What the scenario's topics, groups and transactional ids are called in Kafka. On a cluster that others use as well they carry a prefix;
 * scenario, evidence, expectations and reports speak of them by the scenario's own names. Plain data.
 */
import type { LoadSpec, Scenario } from './scenario.ts';

type Names = Readonly<Record<string, string>>;

export type KafkaNames = {
  readonly topics: Names;
  readonly groups: Names;
  readonly transactions: Names;
};

/** Everything is called what the scenario calls them. */
export const OWN_NAMES: KafkaNames = { topics: {}, groups: {}, transactions: {} };

/** Every group and transactional id, and every topic but those that exist already, is called `PREFIX` and its own name. */
export function prefixedNames({ topics, load }: Scenario, prefix: string): KafkaNames {
  const made = Object.entries(topics).filter(([, { existing }]) => !existing);
  const groups = load.flatMap((one) => (one.kind === 'consume' ? [one.group] : []));
  const named = (names: readonly string[]): Names =>
    Object.fromEntries(names.map((name) => [name, `${prefix}${name}`]));
  return {
    topics: named(made.map(([name]) => name)),
    groups: named(groups),
    transactions: named(load.flatMap((one) => idsOf(one, topics))),
  };
}

export const topicInKafka = ({ topics }: KafkaNames, topic: string): string => own(topics, topic);

export const groupInKafka = ({ groups }: KafkaNames, group: string): string => own(groups, group);

export const transactionInKafka = ({ transactions }: KafkaNames, id: string): string =>
  own(transactions, id);

/** The transactional.id of each producer of a load, or of each partition that it relays. */
export const transactionalIds = (load: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${load}-${number}`);

/** Every transactional.id of a load. */
export function idsOf(load: LoadSpec, topics: Scenario['topics']): string[] {
  if (load.kind === 'consume') {
    const partitions = topics[load.topic]?.partitions ?? 0;
    return load.relay?.transactional ? transactionalIds(load.name, partitions) : [];
  }
  return load.transaction === undefined ? [] : transactionalIds(load.name, load.producers);
}

const own = (names: Names, name: string): string =>
  Object.hasOwn(names, name) ? (names[name] as string) : name;

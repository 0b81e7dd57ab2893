/** An OMB driver file for Kafka: which settings its clients and topics have, each honoured, noted or refused. */
import type { ClientName, KafkaConfig } from '../../scenario/scenario.ts';
import { suggest } from '../../scenario/suggest.ts';
import { OmbFile } from './omb-file.ts';
import { type Property, readProperties } from './properties.ts';

const KEYS = [
  'name',
  'driverClass',
  'replicationFactor',
  'reset',
  'topicConfig',
  'commonConfig',
  'producerConfig',
  'consumerConfig',
] as const;

const CLASS = 'io.openmessaging.benchmark.driver.kafka.KafkaBenchmarkDriver';

/** The names of the settings that each client honours. */
export type Honoured = Readonly<
  Record<ClientName, { readonly produce: readonly string[]; readonly consume: readonly string[] }>
>;

export type OmbDriver = {
  readonly name: string;
  /** Our own, which takes the least from the brokers on the same machine. */
  readonly client: ClientName;
  readonly replicas: number;
  readonly topic: KafkaConfig;
  readonly producer: KafkaConfig;
  readonly consumer: KafkaConfig;
  readonly bootstrap: string | undefined;
  readonly compresses: boolean;
  readonly notes: readonly string[];
};

/** What OMB sets itself, and what clients have that no measurement of theirs depends on. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'default.api.timeout.ms': 'bounds calls that the loads do not make',
  'group.id': 'is set by OMB itself: each load has a group of its own',
  'key.deserializer': 'is set by OMB itself',
  'key.serializer': 'is set by OMB itself',
  'value.deserializer': 'is set by OMB itself',
  'value.serializer': 'is set by OMB itself',
};

/** The driver is to be used only if the file has no problems. */
export function readDriver(
  file: string,
  text: string,
  honoured: Honoured,
): { omb: OmbFile; driver: OmbDriver } {
  const omb = new OmbFile(file, text, KEYS);
  const notes: string[] = [];
  checkClass(omb);
  if (omb.truth('reset')) {
    notes.push('reset deletes nothing: topics are new in every run, and what else is there stays.');
  }
  const common = readProperties(omb, 'commonConfig');
  const own = {
    producer: readProperties(omb, 'producerConfig'),
    consumer: readProperties(omb, 'consumerConfig'),
  };
  const compression = lastOf('compression.type', [...common, ...own.producer]) ?? 'none';
  const client = 'native';
  const { produce, consume } = honoured[client];
  // The settings that both have must be known to one of them.
  const both = sorted(omb, client, common, [...produce, ...consume], notes);
  const only = (known: readonly string[]): KafkaConfig =>
    Object.fromEntries(Object.entries(both).filter(([name]) => known.includes(name)));
  return {
    omb,
    driver: {
      name: omb.text('name') ?? 'Kafka',
      client,
      replicas: omb.whole('replicationFactor', { least: 1, fallback: 0 }),
      topic: Object.fromEntries(
        readProperties(omb, 'topicConfig').map(({ name, value }) => [name, value]),
      ),
      producer: asJava({ ...only(produce), ...sorted(omb, client, own.producer, produce, notes) }),
      consumer: { ...only(consume), ...sorted(omb, client, own.consumer, consume, notes) },
      bootstrap: lastOf('bootstrap.servers', common),
      compresses: compression !== 'none',
      notes,
    },
  };
}

const lastOf = (name: string, properties: readonly Property[]): string | undefined =>
  properties.findLast((property) => property.name === name)?.value;

function checkClass(omb: OmbFile): void {
  const found = omb.text('driverClass');
  if (found === undefined) omb.lack('driverClass', `write driverClass: ${CLASS}`);
  else if (found !== CLASS) {
    omb.refuse('driverClass', {
      message: `\`${found}\` is not OMB's driver of Kafka`,
      hint: `ordeal imports ${CLASS}`,
    });
  }
}

/** The settings that are honoured; the others are noted or refused. */
function sorted(
  omb: OmbFile,
  client: ClientName,
  properties: readonly Property[],
  known: readonly string[],
  notes: string[],
): KafkaConfig {
  const kept: Record<string, string> = {};
  for (const { name, value, key } of properties) {
    const why = LEFT_OUT[name];
    if (known.includes(name)) kept[name] = value;
    else if (why !== undefined) notes.push(`${name} is left out: it ${why}.`);
    else if (name !== 'bootstrap.servers') omb.refuse(key, refusal(name, client, known), name);
  }
  return kept;
}

function refusal(name: string, client: ClientName, known: readonly string[]) {
  if (/^(security|sasl|ssl)\./.test(name)) {
    return {
      message: `\`${name}\` says how to connect, and secrets do not go into scenarios`,
      hint: `remove it, and write it under cluster.connection with "\${NAME}" for what is secret`,
    };
  }
  return {
    message: `the client ${client} does not honour \`${name}\` here`,
    hint: suggest(name, known),
  };
}

/**
 * What Java's producer (3.9, as OMB has it) does by default and ours do not: it sends at once, and is idempotent
 * unless another setting forbids it.
 */
function asJava(config: KafkaConfig): KafkaConfig {
  const { acks = 'all', retries = '1' } = config;
  const inFlight = Number(config['max.in.flight.requests.per.connection'] ?? 5);
  const idempotent = (acks === 'all' || acks === '-1') && retries !== '0' && inFlight <= 5;
  return { 'linger.ms': '0', 'enable.idempotence': String(idempotent), ...config };
}

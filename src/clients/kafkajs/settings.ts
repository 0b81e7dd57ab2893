/**
 * The settings a kafkajs load honours, by Kafka's names, with the default each has here. Whatever is not in these
 * tables is refused at planning. `harness` settings are honoured by the harness's own accumulator, because kafkajs
 * has none.
 */

import {
  COMMON,
  CONSUMING,
  INT_MAX,
  integer,
  oneOf,
  ROUND_ROBIN,
  type Setting,
} from '../setting.ts';

/** Retries as Java's producer has them; idempotence is off, as kafkajs has it. */
export const PRODUCER_SETTINGS: Readonly<Record<string, Setting>> = {
  ...COMMON,
  acks: { fallback: 'all', value: oneOf('all', '-1', '1', '0') },
  'batch.size': { fallback: '16384', value: integer(0), by: 'harness' },
  'compression.type': {
    fallback: 'none',
    value: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  },
  'delivery.timeout.ms': { fallback: '120000', value: integer(0) },
  'enable.idempotence': { fallback: 'false', value: oneOf('true', 'false') },
  'linger.ms': { fallback: '5', value: integer(0), by: 'harness' },
  'max.in.flight.requests.per.connection': { fallback: '5', value: integer(1) },
  retries: { fallback: String(INT_MAX), value: integer(0) },
};

/** What Kafka asks of a producer with a transactional.id: nobody may switch it off. */
export const TRANSACTIONAL_SETTINGS: Readonly<Record<string, Setting>> = {
  ...PRODUCER_SETTINGS,
  acks: { fallback: 'all', value: oneOf('all', '-1') },
  'enable.idempotence': { fallback: 'true', value: oneOf('true') },
  'transaction.timeout.ms': { fallback: '60000', value: integer(1) },
};

/** Of Java's assignors the one that kafkajs has. */
export const CONSUMER_SETTINGS: Readonly<Record<string, Setting>> = {
  ...CONSUMING,
  'partition.assignment.strategy': { fallback: ROUND_ROBIN, value: oneOf(ROUND_ROBIN) },
};

/** What a relay takes of a producer's: it gathers by its own rule, not by those of the accumulator. */
function relaying({
  'batch.size': _batch,
  'linger.ms': _linger,
  ...producer
}: Readonly<Record<string, Setting>>): Readonly<Record<string, Setting>> {
  return { ...producer, ...CONSUMER_SETTINGS };
}

/** Offsets are committed now and then, behind the outputs. */
export const RELAY_SETTINGS: Readonly<Record<string, Setting>> = relaying(PRODUCER_SETTINGS);

/** Offsets are committed with the outputs; what was aborted is no input, as Kafka Streams has it. */
export const TRANSACTIONAL_RELAY_SETTINGS: Readonly<Record<string, Setting>> = withoutAutoCommit({
  ...relaying(TRANSACTIONAL_SETTINGS),
  'isolation.level': {
    fallback: 'read_committed',
    value: oneOf('read_uncommitted', 'read_committed'),
  },
});

function withoutAutoCommit({
  'auto.commit.interval.ms': _interval,
  'enable.auto.commit': _enabled,
  ...settings
}: Readonly<Record<string, Setting>>): Readonly<Record<string, Setting>> {
  return settings;
}

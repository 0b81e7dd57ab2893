/**
 * The settings that the native client honours, all of them by itself, with the default each has here.
 * Idempotence is off unless asked for, as with kafkajs: what is promised of a load is what its scenario says.
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

export const PRODUCER_SETTINGS: Readonly<Record<string, Setting>> = {
  ...COMMON,
  acks: { fallback: 'all', value: oneOf('all', '-1', '1', '0') },
  'batch.size': { fallback: '16384', value: integer(0) },
  'compression.type': {
    fallback: 'none',
    value: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
  },
  'delivery.timeout.ms': { fallback: '120000', value: integer(0) },
  'enable.idempotence': { fallback: 'false', value: oneOf('true', 'false') },
  'linger.ms': { fallback: '5', value: integer(0) },
  'max.in.flight.requests.per.connection': { fallback: '5', value: integer(1) },
  'max.request.size': { fallback: '1048576', value: integer(1) },
  retries: { fallback: String(INT_MAX), value: integer(0) },
};

const RANGE = 'org.apache.kafka.clients.consumer.RangeAssignor';

/** Round robin unless asked otherwise, so that both clients share partitions out alike. */
export const CONSUMER_SETTINGS: Readonly<Record<string, Setting>> = {
  ...CONSUMING,
  'max.poll.interval.ms': { fallback: '300000', value: integer(1) },
  'partition.assignment.strategy': { fallback: ROUND_ROBIN, value: oneOf(RANGE, ROUND_ROBIN) },
};

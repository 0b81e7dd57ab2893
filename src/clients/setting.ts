/** Settings of client libraries by Kafka's names: the values each takes, its default, and who honours it. */

export type Setting = {
  readonly fallback: string;
  readonly value: ValueRule;
  /** Honoured by us and not by the client library. */
  readonly by?: 'harness';
  /** What to do instead of a value that is refused. */
  readonly hint?: string;
};

export type ValueRule =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'text' };

export const INT_MAX = 2_147_483_647;
export const integer = (min: number, max = INT_MAX): ValueRule => ({ kind: 'integer', min, max });
export const oneOf = (...values: string[]): ValueRule => ({ kind: 'one-of', values });
const TEXT: ValueRule = { kind: 'text' };

/** Of every client, whichever library it is of. */
export const COMMON: Readonly<Record<string, Setting>> = {
  'client.id': { fallback: 'ordeal', value: TEXT },
  'metadata.max.age.ms': { fallback: '300000', value: integer(0) },
  'request.timeout.ms': { fallback: '30000', value: integer(1) },
  'retry.backoff.ms': { fallback: '100', value: integer(1) },
  'retry.backoff.max.ms': { fallback: '1000', value: integer(1) },
  'socket.connection.setup.timeout.ms': { fallback: '10000', value: integer(1) },
};

export const ROUND_ROBIN = 'org.apache.kafka.clients.consumer.RoundRobinAssignor';

/** Of every client's consumers: as Java's, but that a run needs them to read from the start. */
export const CONSUMING: Readonly<Record<string, Setting>> = {
  ...COMMON,
  'auto.commit.interval.ms': { fallback: '5000', value: integer(1) },
  'auto.offset.reset': { fallback: 'earliest', value: oneOf('earliest', 'latest') },
  'enable.auto.commit': { fallback: 'true', value: oneOf('true', 'false') },
  'fetch.max.bytes': { fallback: '10485760', value: integer(1) },
  'fetch.max.wait.ms': { fallback: '500', value: integer(0) },
  'fetch.min.bytes': { fallback: '1', value: integer(0) },
  'heartbeat.interval.ms': { fallback: '3000', value: integer(1) },
  'isolation.level': {
    fallback: 'read_uncommitted',
    value: oneOf('read_uncommitted', 'read_committed'),
  },
  'max.partition.fetch.bytes': { fallback: '1048576', value: integer(1) },
  'session.timeout.ms': { fallback: '45000', value: integer(1) },
};

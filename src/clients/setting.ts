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

/** Settings of topics and brokers. */
import {
  incrementalAlterConfigs as alterApi,
  BROKER_RESOURCE,
  DELETE,
  describeConfigs as describeApi,
  SET,
  TOPIC_RESOURCE,
} from '../apis/configs.ts';
import { type Brokers, REQUEST_MS } from '../brokers.ts';
import { kafkaError } from '../errors.ts';
import type { KafkaConfig } from '../security.ts';
import { retrying } from './retry.ts';

/** A broker's name is its id; the empty name stands for the default of all brokers. */
export type Resource = { readonly kind: 'topic' | 'broker'; readonly name: string };

/** Sets the settings named in `set` and takes those in `unset` back to their defaults. */
export type ConfigChange = Resource & {
  readonly set?: KafkaConfig | undefined;
  readonly unset?: readonly string[] | undefined;
};

export type ResourceAnswer = Resource & {
  readonly errorCode: number;
  readonly message: string | null;
};

export type ConfigEntry = {
  readonly name: string;
  /** null when it is sensitive. */
  readonly value: string | null;
  readonly isDefault: boolean;
  /** Set on this very resource, not inherited from brokers or from Kafka. */
  readonly isOwn: boolean;
};

const KINDS = { topic: TOPIC_RESOURCE, broker: BROKER_RESOURCE } as const;
/** ConfigSource 5: Kafka's own default. */
const DEFAULT_SOURCE = 5;
const OWN_SOURCES = { topic: 1, broker: 2, brokers: 3 } as const;

const ownSource = ({ kind, name }: Resource): number =>
  OWN_SOURCES[kind === 'broker' && name === '' ? 'brokers' : kind];

export async function incrementalAlterConfigs(
  brokers: Brokers,
  changes: readonly ConfigChange[],
  timeoutMs = REQUEST_MS,
): Promise<readonly ResourceAnswer[]> {
  const answer = await retrying(
    timeoutMs,
    (leftMs) =>
      brokers.any(
        alterApi,
        {
          resources: changes.map(({ kind, name, set = {}, unset = [] }) => ({
            type: KINDS[kind],
            name,
            configs: [
              ...Object.entries(set).map(([key, value]) => ({ name: key, operation: SET, value })),
              ...unset.map((key) => ({ name: key, operation: DELETE, value: null })),
            ],
          })),
        },
        leftMs,
      ),
    ({ responses }) => responses.some(({ errorCode }) => kafkaError(errorCode).retriable),
  );
  return answer.responses.map(answerOf);
}

const answerOf = (found: {
  readonly type: number;
  readonly name: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}): ResourceAnswer => ({
  kind: found.type === TOPIC_RESOURCE ? 'topic' : 'broker',
  name: found.name,
  errorCode: found.errorCode,
  message: found.errorMessage,
});

/** A broker is asked about itself; topics are asked of any. */
export async function describeConfigs(
  brokers: Brokers,
  resources: readonly Resource[],
  timeoutMs = REQUEST_MS,
): Promise<readonly (ResourceAnswer & { readonly entries: readonly ConfigEntry[] })[]> {
  const ask = async (one: Resource) => {
    const request = { resources: [{ type: KINDS[one.kind], name: one.name, keys: null }] };
    const itself = one.kind === 'broker' && one.name !== '';
    const answer = await retrying(
      timeoutMs,
      (leftMs) =>
        itself
          ? brokers.to(Number(one.name), describeApi, request, leftMs)
          : brokers.any(describeApi, request, leftMs),
      ({ results }) => results.some(({ errorCode }) => kafkaError(errorCode).retriable),
    );
    return answer.results.map((found) => ({
      ...answerOf(found),
      entries: found.configs.map(({ name, value, source }) => ({
        name,
        value,
        isDefault: source === DEFAULT_SOURCE,
        isOwn: source === ownSource(one),
      })),
    }));
  };
  return (await Promise.all(resources.map(ask))).flat();
}

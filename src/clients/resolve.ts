/** The settings a load really runs with, defaults included: what `environment.json` and `ordeal plan` show. */
import type { KafkaConfig, LoadSpec, Scenario } from '../scenario/scenario.ts';
import {
  CONSUMER_SETTINGS,
  PRODUCER_SETTINGS,
  RELAY_SETTINGS,
  TRANSACTIONAL_RELAY_SETTINGS,
  TRANSACTIONAL_SETTINGS,
} from './kafkajs/settings.ts';
import {
  CONSUMER_SETTINGS as NATIVE_CONSUMER_SETTINGS,
  PRODUCER_SETTINGS as NATIVE_PRODUCER_SETTINGS,
} from './native/settings.ts';
import type { Setting } from './setting.ts';

export type ResolvedClient = {
  readonly client: string;
  readonly config: KafkaConfig;
  /** Settings that the harness honours because the client library cannot. */
  readonly honouredByHarness: readonly string[];
};

export function settingsOf(load: LoadSpec): Readonly<Record<string, Setting>> {
  if (load.kind === 'consume') {
    if (load.client === 'native') return NATIVE_CONSUMER_SETTINGS;
    if (load.relay === undefined) return CONSUMER_SETTINGS;
    return load.relay.transactional ? TRANSACTIONAL_RELAY_SETTINGS : RELAY_SETTINGS;
  }
  if (load.client === 'native') return NATIVE_PRODUCER_SETTINGS;
  return load.transaction === undefined ? PRODUCER_SETTINGS : TRANSACTIONAL_SETTINGS;
}

/** Kafka's names, sorted; `acks: -1` is written `all`. */
export function resolveConfig(load: LoadSpec): KafkaConfig {
  const settings = settingsOf(load);
  const defaults = Object.entries(settings).map(([name, { fallback }]) => [name, fallback]);
  const merged: Record<string, string> = {
    ...Object.fromEntries(defaults),
    'client.id': `ordeal-${load.name}`,
    ...load.config,
  };
  if (merged['acks'] === '-1') merged['acks'] = 'all';
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** By load, for everything of the scenario. */
export function resolveConfigs(scenario: Scenario): Readonly<Record<string, ResolvedClient>> {
  return Object.fromEntries(
    scenario.load.map((load) => [
      load.name,
      {
        client: load.client,
        config: resolveConfig(load),
        honouredByHarness: Object.entries(settingsOf(load)).flatMap(([name, { by }]) =>
          by === 'harness' ? [name] : [],
        ),
      },
    ]),
  );
}

/** What keeps a scenario from being run on a kept cluster is said all at once. */
import { expect, test } from 'vitest';
import { checkFits, differences } from '../../../src/cluster/kept/differences.ts';
import type { KeptState } from '../../../src/cluster/kept/state.ts';
import { changes } from '../../../src/cluster/kept/whole.ts';
import type { ClusterSpec } from '../../../src/scenario/scenario.ts';
import { LINK } from './fake-cluster.ts';

const SPEC = {
  ...{ provider: 'docker', brokers: 3, controllers: 0, kafka: '4.3.1', heapBytes: 1, jvm: 'quick' },
  config: { a: '1', b: '2' },
  ...{ cpus: null, memoryBytes: null, volume: { kind: 'volume' } },
} as unknown as ClusterSpec;

const KEPT = {
  ...{ name: 'default', provider: 'docker', cluster: SPEC, proxied: [LINK], drops: false },
} as unknown as KeptState;

const fits = (wanted: Partial<Parameters<typeof checkFits>[1]>) => () =>
  checkFits(KEPT, { cluster: SPEC, proxied: [], faults: [], ...wanted }, 's.yaml');

test('settings are compared by name and value, not by their order', () => {
  expect(differences(SPEC, { ...SPEC, config: { b: '2', a: '1' } })).toEqual([]);
  expect(differences(SPEC, { ...SPEC, brokers: 5, jvm: 'full', config: { a: '1' } })).toEqual([
    'brokers: 3 is kept, 5 is wanted',
    'config: {"a":"1","b":"2"} is kept, {"a":"1"} is wanted',
    'jvm: "quick" is kept, "full" is wanted',
  ]);
});

test('a scenario that leaves the provider open, and needs no more links, fits', () => {
  expect(fits({ proxied: [LINK] })).not.toThrow();
  expect(fits({ cluster: { ...SPEC, provider: 'auto' } })).not.toThrow();
});

test('provider, links and dropped packets are named, all in one error', () => {
  const wanted = {
    cluster: { ...SPEC, provider: 'local', brokers: 1 } as ClusterSpec,
    proxied: [LINK, { ...LINK, to: 2 }],
    faults: [{ kind: 'drop' }] as const,
  };
  expect(fits(wanted)).toThrow(
    [
      'the kept cluster default is not the one that s.yaml asks for:',
      'provider: docker is kept, local is wanted',
      'brokers: 3 is kept, 1 is wanted',
      'no proxy stands in clients -> broker 2 (CLIENT)',
      'its pods may not drop packets',
    ].join('\n  '),
  );
});

test('settings that were changed, added or undone while it ran are named', () => {
  const before = new Map([['all brokers min.insync.replicas', '2']]);
  expect(changes(before, new Map(before))).toBeNull();
  expect(changes(before, new Map([['broker 1 background.threads', '3']]))).toBe(
    'settings were changed: all brokers min.insync.replicas, broker 1 background.threads',
  );
});

/** What a provider cannot do is refused before anything starts, at its line, with the providers that can. */
import { describe, expect, test } from 'vitest';
import {
  capabilityTable,
  checkCapabilities,
  FAULT_ABILITIES,
  PROVIDERS,
} from '../../src/cluster/capabilities.ts';
import { check } from '../../src/cluster/providers.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { hostWith } from './scenarios.ts';

function scenario(fault: string, cluster = ''): Scenario {
  const text = `# ?
name: x
cluster: { brokers: 5, memory: 1GiB, volume: { tmpfs: 1GiB }, ${cluster} }
topics: { orders: { partitions: 1, replicas: 3 } }
load: { l: { produce: orders, rate: 1/s } }
faults: { f: { at: 1s, ${fault} } }
`;
  return loadScenario(text, { file: 's', env: {} }).scenario;
}

const EXTERNAL = 'provider: external, bootstrap: "a:1"';
const said = (one: Scenario): string[] =>
  checkCapabilities(one).map(
    ({ path, message, hint }) => `${path.join('.')}: ${message} (${hint})`,
  );

describe('a fault', () => {
  test('that needs containers is refused where there are none', () => {
    expect(said(scenario('cpu: broker 1, quota: 0.1', 'provider: local'))).toEqual([
      expect.stringMatching(/^cluster\.memory: provider local has no cluster\.memory: .*docker/),
      expect.stringMatching(/^cluster\.volume: /),
      expect.stringMatching(
        /^faults\.f\.where: provider local has no fault cpu: its brokers share the cores .*use provider: docker\)$/,
      ),
    ]);
  });

  test('is fine where it can be', () => {
    expect(said(scenario('oom: broker 1', 'provider: docker'))).toEqual([]);
  });

  test('on links of clients is fine on an external cluster, but packets are not ours to drop', () => {
    const far = (fault: string): string[] =>
      said(scenario(fault, EXTERNAL)).filter((line) => line.startsWith('faults'));
    expect(far('latency: clients -> brokers, delay: 5ms')).toEqual([]);
    expect(far('drop: clients -> brokers, probability: 5%')).toHaveLength(1);
    expect(far('kill: broker 1')).toHaveLength(1);
    expect(far('kill: load l')).toEqual([]);
    expect(far('slow: load l, delay: 5ms')).toEqual([]);
  });

  test('is refused once, even where the provider says so itself', () => {
    const problems = check(scenario('kill: broker 1', EXTERNAL), hostWith());
    const own = problems.filter(({ path }) => path[0] === 'faults');
    expect(own.map(({ message }) => message)).toEqual([
      expect.stringContaining('needs a cluster that ordeal runs itself'),
    ]);
  });
});

describe('replace', () => {
  const problems = (where: string, controllers: number): string[] =>
    said(scenario(`replace: ${where}`, `provider: docker, controllers: ${controllers}`));

  test.each([
    ['broker 3', 0],
    ['leader of orders/0', 0],
    ['all brokers', 0],
    ['controller', 0],
    ['controller', 1],
  ])('%s is refused with %i controllers of their own', (where, controllers) => {
    expect(problems(where, controllers)).toEqual([expect.stringContaining('voter')]);
  });

  test.each([
    ['broker 4', 0],
    ['leader of orders/0', 1],
    ['leader of orders/0', 3],
  ])('%s is fine with %i', (where, controllers) => {
    expect(problems(where, controllers)).toEqual([]);
  });
});

test('every kind of fault has a provider, and the table tells of each', () => {
  const rows = capabilityTable();
  for (const [kind, row] of Object.entries(FAULT_ABILITIES)) {
    expect(PROVIDERS.some((provider) => row[provider] === true)).toBe(true);
    expect(rows.find(({ name }) => name === kind)?.cells).toHaveLength(PROVIDERS.length);
  }
  expect(rows.find(({ name }) => name === 'drop')?.cells).toEqual(['no', 'yes', 'no']);
  expect(rows.find(({ name }) => name === 'latency')?.cells[2]).toBe('clients -> …');
  expect(rows.map(({ name }) => name)).toContain('cluster.cpus');
});

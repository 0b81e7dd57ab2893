/** Topics are judged as they were found, whatever the scenario says of them. */
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/evidence/events.ts';
import { asFound } from '../../src/runner/real-topics.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { ProduceLoad } from '../../src/scenario/scenario.ts';
import { isUnclean, noLoss } from '../../src/verify/promises.ts';

const { scenario } = loadScenario(
  [
    'name: x',
    'cluster: { provider: external, bootstrap: "a:1" }',
    'topics:',
    '  orders: { partitions: 1, replicas: 3, config: { min.insync.replicas: 2 } }',
    '  other: { partitions: 1 }',
    'load: { checkout: { produce: orders, rate: 1/s, config: { acks: all } } }',
  ].join('\n'),
  { file: 'x.yaml', env: {} },
);
const load = scenario.load[0] as ProduceLoad;

const found = (replicas: number, config: Record<string, string>): readonly RunEvent[] => [
  {
    t: 0,
    type: 'topic',
    topic: 'orders',
    inKafka: 'ordeal-1-orders',
    partitions: 1,
    replicas,
    config,
  },
];

const judged = (replicas: number, config: Record<string, string>) => {
  const real = asFound(scenario, found(replicas, config));
  return { ...noLoss(real, load, false), unclean: isUnclean(real, 'orders') };
};

test('without a word of the cluster the scenario counts', () => {
  expect(asFound(scenario, [])).toEqual(scenario);
  expect(noLoss(scenario, load, false)).toMatchObject({ holds: true });
});

test.each([
  ['as written', 3, { 'min.insync.replicas': '2' }, true],
  ['fewer replicas', 1, { 'min.insync.replicas': '2' }, false],
  ['another minimum', 3, { 'min.insync.replicas': '1' }, false],
  ['unclean elections', 3, { 'unclean.leader.election.enable': 'true' }, false],
] as const)('%s', (_, replicas, config, holds) => {
  expect(judged(replicas, config)).toMatchObject({ holds });
});

test('topics that were not told of stay as written', () => {
  expect(asFound(scenario, found(1, {})).topics['other']).toEqual(scenario.topics['other']);
});

/** Runs in the result format of OpenMessaging Benchmark. */
import { expect, test } from 'vitest';
import { toOmbResult } from '../../../src/experiment/omb/omb-result.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { aScenario, consumeLoad, produceLoad, RunBuilder } from '../../fixtures/run-builder.ts';

const BOTH: Partial<Scenario> = { load: [produceLoad(), consumeLoad()] };

/** Thirty seconds: 100 records a second, 5, 6 and 7 ms; from the twentieth on the group reads nothing. */
function resultOf(scenario: Partial<Scenario> = BOTH) {
  using run = new RunBuilder(aScenario(scenario));
  for (let second = -1; second < 30; second++) {
    run.second({ second, offered: 100, acknowledged: 100, ackedNow: 100, failedNow: 2 });
    run.second({ load: 'billing', second, received: second < 20 ? 100 : 0 });
    run.latency('ack', second, second < 0 ? [9000] : [5, 6, 7]);
    run.latency('lateness', second, [0.5]);
  }
  const evidence = run.finish();
  return toOmbResult(run.scenario, evidence, measure(run.scenario, evidence));
}

test('has a figure for every ten seconds, and those of all of measure', () => {
  const result = resultOf();
  expect(result).toMatchObject({
    workload: 'synthetic',
    driver: 'ordeal (kafkajs)',
    topics: 1,
    partitions: 2,
    consumersPerTopic: consumeLoad().consumers,
    publishRate: [100, 100, 100],
    publishErrorRate: [2, 2, 2],
    consumeRate: [100, 100, 0],
    backlog: [0, 0, 1000],
  });
  expect(result['publishLatency50pct']).toHaveLength(3);
  expect(result['aggregatedPublishLatency50pct']).toBeCloseTo(6, 1);
  // What was sent in the warm-up is not in it.
  expect(result['aggregatedPublishLatencyMax']).toBeCloseTo(7, 1);
  expect(result['aggregatedPublishLatencyQuantiles']).toMatchObject({ 99.9: expect.closeTo(7, 1) });
});

test('publish delays are microseconds, and what has no samples is null', () => {
  const result = resultOf();
  expect(result['publishDelayLatencyMax']).toEqual([500, 500, 500]);
  expect(result['endToEndLatency99pct']).toEqual([null, null, null]);
  expect(result['aggregatedEndToEndLatencyAvg']).toBeNull();
  expect(result['aggregatedEndToEndLatencyQuantiles']).toEqual({});
});

test('without consumers nobody is owed anything', () => {
  expect(resultOf({})).toMatchObject({ consumersPerTopic: 0, backlog: [0, 0, 0] });
});

const other = { ...produceLoad(), name: 'other', topic: 'refunds' };
const topics = {
  orders: { partitions: 2, replicas: 3, config: {} },
  refunds: { partitions: 3, replicas: 3, config: {} },
};

test.each<[string, Partial<Scenario>, string]>([
  ['topics that differ', { load: [produceLoad(), other], topics }, 'differ in their partitions'],
  [
    'records that differ',
    { load: [produceLoad(), { ...other, topic: 'orders', size: [{ bytes: 77, weight: 1 }] }] },
    'differ in size',
  ],
  [
    'groups that differ',
    { load: [produceLoad(), consumeLoad(), { ...consumeLoad(), name: 'b', consumers: 7 }] },
    "OMB's groups are alike",
  ],
  ['nothing produced', { load: [consumeLoad()] }, 'nothing is produced'],
])('refuses %s', (_, scenario, message) => {
  expect(() => resultOf(scenario)).toThrow(message);
});

/** The sentences of a report say nothing that nobody knows. */
import { expect, test } from 'vitest';
import { whatWasAsked } from '../../src/report/story.ts';
import { leaderKillScenario } from '../fixtures/leader-kill.ts';

const scenario = leaderKillScenario();

test('a cluster of our own is what the scenario says', () => {
  expect(whatWasAsked(scenario)[0]).toMatch(/^3 brokers with Kafka 4\.\d+\.\d+ carried checkout, /);
});

test('of a cluster of others only its address is known', () => {
  const bootstrap = ['kafka-1:9093', 'kafka-2:9093'];
  const cluster = { ...scenario.cluster, provider: 'external' as const, bootstrap };
  expect(whatWasAsked({ ...scenario, cluster })[0]).toMatch(
    /^The cluster at kafka-1:9093, kafka-2:9093 carried checkout, /,
  );
});

/** The scenario's topics: created before the first send, and led by somebody before it. */
import { waitFor } from '../lib/deadline.ts';
import { environmentError } from '../lib/errors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Admin } from '../wire/admin.ts';
import { errorName } from '../wire/errors.ts';

const TOPIC_ALREADY_EXISTS = 36;

export async function createTopics(
  admin: Admin,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<void> {
  const answers = await admin.createTopics(
    Object.entries(scenario.topics).map(([name, topic]) => ({
      name,
      partitions: topic.partitions,
      replicas: topic.replicas,
      config: topic.config,
    })),
  );
  for (const { name, errorCode, message } of answers) {
    if (errorCode === 0 || errorCode === TOPIC_ALREADY_EXISTS) continue;
    throw environmentError(
      'topic.refused',
      `Kafka refused to create topic ${name}: ${errorName(errorCode)}${message ? `, ${message}` : ''}`,
      { hint: `look at topics.${name} in the scenario` },
    );
  }
  await waitFor('a leader for every partition', () => allLed(admin, scenario), {
    timeoutMs: 30_000,
    everyMs: 100,
    signal,
  });
}

async function allLed(admin: Admin, scenario: Scenario): Promise<boolean> {
  const { topics } = await admin.metadata(Object.keys(scenario.topics));
  return Object.entries(scenario.topics).every(([name, spec]) => {
    const found = topics.find((topic) => topic.name === name);
    return (
      found !== undefined &&
      found.partitions.length === spec.partitions &&
      found.partitions.every(
        ({ leader, isr, replicas }) => leader >= 0 && isr.length === replicas.length,
      )
    );
  });
}

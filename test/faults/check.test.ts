/** Faults that would prove nothing about Kafka are refused at their line, before anything starts. */
import { describe, expect, test } from 'vitest';
import { check } from '../../src/faults/check.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';

const problems = (fault: string, brokers = '', orders = ''): string[] =>
  check(
    loadScenario(
      `# ?
name: x
cluster: { controllers: 1, config: { ${brokers} } }
topics: { orders: { replicas: 3, config: { ${orders} } }, other: {} }
load: { l: { produce: orders, rate: 1/s } }
faults: { f: { at: 1s, ${fault} } }
`,
      { file: 's', env: {} },
    ).scenario,
  ).map(({ path }) => path.join('.'));

test.each([
  ['all brokers', ['faults.f.where']],
  ['broker 2', []],
])('replace %s', (where, paths) => expect(problems(`replace: ${where}`)).toEqual(paths));

describe('power-loss', () => {
  const dark = (of = ''): string => `power-loss: broker 1, lose: 1 record${of}`;

  test.each([
    ['flush.messages', '1', 'topics.orders.config.flush.messages'],
    ['flush.ms', '1000', 'topics.orders.config.flush.ms'],
  ])('is refused where a topic sets %s', (name, value, path) =>
    expect(problems(dark(), '', `${name}: ${value}`)).toEqual([path]),
  );

  test.each([
    'log.flush.interval.messages',
    'log.flush.interval.ms',
    'log.flush.scheduler.interval.ms',
  ])('is refused where brokers set %s', (name) =>
    expect(problems(dark(), `${name}: 7`)).toEqual([`cluster.config.${name}`]),
  );

  test.each([
    ['the topic of another', dark(', of: other'), '', 'flush.messages: 1'],
    ['what Kafka does anyway', dark(), 'log.flush.interval.messages: 9223372036854775807', ''],
    [
      "the brokers' setting replaced by the topic's",
      dark(', of: orders'),
      'log.flush.interval.ms: 7',
      'flush.ms: 9223372036854775807',
    ],
    ['another fault', 'kill: broker 1', '', 'flush.messages: 1'],
  ])('is fine with %s', (_, fault, brokers, orders) =>
    expect(problems(fault, brokers, orders)).toEqual([]),
  );
});

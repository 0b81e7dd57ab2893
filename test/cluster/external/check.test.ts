/** What is refused on a cluster that others use, before anything is dialled. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/cluster/external/check.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';

function messages(...lines: readonly string[]): readonly string[] {
  const text = [
    'name: x',
    'cluster: { provider: external, bootstrap: "a:1" }',
    'load: { checkout: { produce: orders, rate: 1/s }, billing: { consume: orders } }',
    ...lines,
  ].join('\n');
  const loaded = loadScenario(text, { file: 'x.yaml', env: {} });
  return check(loaded.scenario).map(
    ({ path, message }) => `${loaded.locate(path).at.replace('x.yaml:', '')} ${message}`,
  );
}

const ORDERS = 'topics: { orders: { partitions: 1 } }';

describe('faults', () => {
  test.each([
    'latency: clients -> brokers, delay: 1ms',
    'partition: clients -> leader of orders/0',
    'reset: clients -> broker 17',
    'blackhole: clients -> coordinator of group billing',
    'recreate-topic: orders',
    'alter-config: orders, config: { retention.ms: 1000 }',
  ])('%s may be', (fault) => {
    expect(messages(ORDERS, `faults: { f: { at: 1s, ${fault} } }`)).toEqual([]);
  });

  test.each([
    ['kill: broker 1', 'needs a cluster that ordeal runs itself'],
    ['pause: controller', 'needs a cluster that ordeal runs itself'],
    ['alter-config: all brokers, config: { a: 1 }', 'would change broker settings'],
    ['partition: broker 1 <-> broker 2', 'links inside an external cluster'],
    ['blackhole: [clients -> broker 1, broker 1 -> broker 2]', 'links inside an external cluster'],
  ])('%s may not', (fault, words) => {
    const found = messages(ORDERS, 'faults:', `  f: { at: 1s, ${fault} }`);
    expect(found).toEqual([expect.stringContaining(words)]);
    expect(found[0]).toMatch(/^6:/);
  });
});

test('a topic that was there is never changed by a fault', () => {
  const found = messages(
    'topics: { orders: { existing: true } }',
    'faults: { f: { at: 1s, delete-records: orders, before: 50% } }',
  );
  expect(found).toContainEqual(expect.stringContaining('a topic that was there before'));
});

test('writing to what was there before needs consent, reading does not', () => {
  const lines = ['topics: { orders: { partitions: 1, existing: true } }'];
  expect(messages(...lines)).toEqual([
    expect.stringMatching(/^3:30 load `checkout` would write into `orders`/),
  ]);
});

test('a name must leave room for the prefix', () => {
  const [fits, tooLong] = ['o'.repeat(233), 'o'.repeat(234)];
  const long = (name: string) => messages(`topics: { ${name}: {}, orders: {} }`);
  expect(long(fits)).toEqual([]);
  expect(long(tooLong)).toEqual([expect.stringMatching(/^4:11 .*too long for the prefix/)]);
});

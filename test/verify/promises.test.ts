/** What a configuration promises when all brokers lose their power, and when one does. */
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { ProduceLoad } from '../../src/scenario/scenario.ts';
import { noLoss, noTruncation } from '../../src/verify/promises.ts';

const CASES: readonly (readonly [string, string, string, boolean])[] = [
  ['one broker', 'broker 1', '', true],
  ['all brokers', 'all brokers', '', false],
  ['all brokers that sync every record', 'all brokers', 'flush.messages: 1', true],
];

test.each(CASES)('a power loss of %s', (_, where, config, holds) => {
  const { scenario } = loadScenario(
    `# ?
name: x
cluster: { config: { min.insync.replicas: 2 } }
topics: { orders: { replicas: 3, config: { ${config} } } }
load: { l: { produce: orders, rate: 1/s, config: { acks: all } } }
faults: { f: { at: 1s, power-loss: ${where}, lose: 1 record } }
`,
    { file: 's', env: {} },
  );
  const [load] = scenario.load;
  expect(noLoss(scenario, load as ProduceLoad, false).holds).toBe(holds);
  expect(noTruncation(scenario, 'orders').holds).toBe(holds);
});

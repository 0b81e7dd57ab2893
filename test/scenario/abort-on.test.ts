/** What stops a run early, as it is written. */
import { expect, test } from 'vitest';
import { readAbort } from '../../src/scenario/abort-on.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import { problemsOf } from './problems-of.ts';

test.each([
  ['errors > 50% for 10s', { metric: 'errors', value: 0.5, text: 'errors > 50%' }, 10_000],
  ['p99(ack) of checkout > 2s', { metric: 'p99(ack)', of: 'checkout', value: 2000 }, 5000],
  ['lag > 1M  for 1m30s ', { metric: 'lag', value: 1_000_000 }, 90_000],
  ['rate during warmup < 10/s for 1s', { window: { kind: 'phase', phase: 'warmup' } }, 1000],
])('%s', (text, value, forMs) => {
  expect(readAbort(text)).toMatchObject({ result: { ok: true, value }, forMs });
});

const TEXT = `name: x
topics: { orders: {} }
load: { checkout: { produce: orders, rate: 5k/s } }
abort-on: [errors > 50% for 10s, p99(ack) > 2s]
`;

test('stands in the scenario, and in the resolved one as it was written', () => {
  const { scenario, resolved } = loadScenario(TEXT, { file: 's.yaml', env: {} });
  expect(scenario.abortOn).toMatchObject([
    { text: 'errors > 50%', forMs: 10_000 },
    { text: 'p99(ack) > 2s', forMs: 5000 },
  ]);
  const again = loadScenario(resolved, { file: 'r.yaml', env: {} });
  expect(again.scenario.abortOn).toEqual(scenario.abortOn);
});

test("the issue's spelling gets the right one", () => {
  expect(problemsOf(TEXT.replace('abort-on', 'abortOn'))).toMatchObject([
    { hint: 'did you mean `abort-on`?' },
  ]);
});

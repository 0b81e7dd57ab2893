/** What is compared of a run, and what two scenarios ask for differently. */
import { expect, test } from 'vitest';
import { differencesBetween } from '../../../src/experiment/compare/differences.ts';
import {
  isComparable,
  METRIC_NAMES,
  metricOf,
  metricsIn,
  valuesOf,
} from '../../../src/experiment/compare/metrics.ts';
import type { Measures } from '../../../src/measure/measures.ts';
import { aScenario, killFault, produceLoad } from '../../fixtures/run-builder.ts';

const load = {
  ratePerSecond: 20_000,
  cpuSecondsPerMillion: 3,
  latency: { ack: { p50: 1, p90: 2, p99: 3, p999: 0 }, e2e: null },
};

const MEASURES = {
  windows: [
    { window: 'measure', allProduce: load, allConsume: null, processors: { brokers: 0.5 } },
  ],
  faults: [
    { name: 'leader-dies', recoveryMs: 1200 },
    { name: 'never-healed', recoveryMs: null },
  ],
} as unknown as Measures;

test('a run has a value for what was measured, and null for the rest', () => {
  expect(valuesOf(MEASURES)).toMatchObject({
    rate: 20_000,
    'p99(ack)': 3,
    'p99(e2e)': null,
    'cpu(producers)': 3,
    // Half a core for 20 000 records a second.
    'cpu(brokers)': 25,
    'recovery(leader-dies)': 1200,
    'recovery(never-healed)': null,
  });
  // What is zero has no ratio.
  expect(valuesOf(MEASURES)['p999(ack)']).toBeNull();
  expect(
    Object.values(valuesOf({ windows: [], faults: [], seconds: [], curves: [], catchUps: {} })),
  ).toEqual(METRIC_NAMES.map(() => null));
});

test('what no run has was not asked', () => {
  const names = metricsIn([{ a: 1, b: null, c: null }], [{ a: 1, b: 2, c: null }]);
  expect(names.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('more records are better, and less of everything else', () => {
  expect(METRIC_NAMES.filter((name) => metricOf(name).better === 'higher')).toEqual([
    'rate',
    'received',
  ]);
  expect(['p99(ack)', 'recovery(x)', 'recovery()', 'p98(ack)'].map(isComparable)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('scenarios differ by their values, not by their words', () => {
  const base = aScenario({ load: [produceLoad({ config: { acks: 'all', 'linger.ms': '0' } })] });
  const candidate = aScenario({
    ...{ name: 'other', question: 'Or not?', faults: [killFault()] },
    load: [produceLoad({ config: { acks: 'all', 'linger.ms': '50' } })],
  });
  const differences = differencesBetween(base, candidate);
  expect(differences[0]).toEqual({
    path: 'load.checkout.config.linger.ms',
    base: '0',
    candidate: '50',
  });
  expect(differences).toContainEqual({
    path: 'faults.leader-dies.kind',
    base: null,
    candidate: 'kill',
  });
  expect(differencesBetween(base, base)).toEqual([]);
});

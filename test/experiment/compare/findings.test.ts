/** Verdicts and exit codes of comparisons whose numbers are written down. */
import { expect, test } from 'vitest';
import {
  type Compared,
  type CompareRules,
  conclude,
  judgeMetrics,
  type Pair,
} from '../../../src/experiment/compare/findings.ts';
import type { RunValues } from '../../../src/experiment/compare/metrics.ts';

const RULES: CompareRules = {
  error: 0.01,
  practical: 0.1,
  tolerance: 0,
  deciding: ['p50(ack)', 'cpu(producers)'],
};

/** The same jitter for all, small and without a pattern. */
const JITTER = [
  0.01, -0.008, 0.004, -0.011, 0.007, -0.002, 0.009, -0.006, 0.003, -0.01, 0.006, -0.004,
];

const pairs = (base: RunValues, candidate: RunValues, count = 12): Compared => ({
  design: 'pairs',
  looked: [count],
  pairs: Array.from({ length: count }, (_, i): Pair => {
    const shaken = (values: RunValues): RunValues =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          value === null ? null : value * (1 + (JITTER[i % JITTER.length] ?? 0)),
        ]),
      );
    return {
      number: i + 1,
      first: i % 2 === 0 ? 'base' : 'candidate',
      seed: i,
      base: { folder: 'a', values: base, neighbours: null },
      candidate: { folder: 'b', values: shaken(candidate), neighbours: null },
    };
  }),
});

const conclusion = (compared: Compared, rules = RULES) =>
  conclude(judgeMetrics(compared, rules), rules, null);

const BASE = { 'p50(ack)': 10, 'cpu(producers)': 4 };

test.each([
  [BASE, 'no difference', 'pass', 0],
  [{ 'p50(ack)': 5, 'cpu(producers)': 4 }, 'better', 'pass', 0],
  [{ 'p50(ack)': 20, 'cpu(producers)': 4 }, 'worse', 'fail', 1],
  [{ 'p50(ack)': 20, 'cpu(producers)': 2 }, 'better and worse', 'fail', 1],
] as const)('a candidate with %o is %s', (candidate, answer, verdict, exitCode) => {
  expect(conclusion(pairs(BASE, candidate))).toEqual({ answer, verdict, exitCode });
});

test('a regression within the tolerance is told, and passes', () => {
  const slower = pairs(BASE, { 'p50(ack)': 10.5, 'cpu(producers)': 4 });
  expect(conclusion(slower)).toMatchObject({ answer: 'worse', exitCode: 1 });
  expect(conclusion(slower, { ...RULES, tolerance: 0.1 })).toMatchObject({
    answer: 'worse',
    verdict: 'pass',
    exitCode: 0,
  });
});

test('before the first look nothing is known', () => {
  const compared = { ...pairs(BASE, { 'p50(ack)': 20, 'cpu(producers)': 4 }, 3), looked: [] };
  expect(conclusion(compared)).toEqual({
    answer: 'inconclusive',
    verdict: 'unknown',
    exitCode: 3,
  });
});

test('a metric that some runs lack is not decided', () => {
  const compared = pairs(BASE, { 'p50(ack)': null, 'cpu(producers)': 4 });
  const [latency] = judgeMetrics(compared, RULES);
  expect(latency).toMatchObject({
    verdict: 'inconclusive',
    change: null,
    candidate: null,
    samples: 0,
  });
  expect(latency?.note).toContain('not every run');
  expect(conclusion(compared)).toMatchObject({ exitCode: 3 });
});

test('metrics that do not decide cannot leave it open, but can be a regression', () => {
  const open = pairs(BASE, { ...BASE, 'p999(ack)': 3 });
  expect(conclusion(open)).toMatchObject({ answer: 'no difference' });
  const worse = pairs({ ...BASE, 'p999(ack)': 3 }, { ...BASE, 'p999(ack)': 9 });
  expect(conclusion(worse)).toMatchObject({ answer: 'worse', exitCode: 1 });
});

test('runs that lost records fail, and a generator at its limit leaves all open', () => {
  const refusal = (kind: 'delivery' | 'generator') => conclude([], RULES, { kind, why: 'x' });
  expect(refusal('delivery')).toEqual({ answer: 'refused', verdict: 'fail', exitCode: 1 });
  expect(refusal('generator')).toEqual({ answer: 'refused', verdict: 'unknown', exitCode: 3 });
});

test('runs of two days need more to say the same', () => {
  const side = (value: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      folder: `run-${i}`,
      neighbours: null,
      values: { 'p50(ack)': value * (1 + (JITTER[i] ?? 0)), 'cpu(producers)': 4 },
    }));
  const sides = (count: number): Compared => ({
    design: 'sides',
    base: side(10, count),
    candidate: side(13, count),
  });
  expect(conclusion(sides(1))).toMatchObject({ answer: 'inconclusive' });
  expect(conclusion(sides(8))).toMatchObject({ answer: 'worse', exitCode: 1 });
});

/** The page and the words of a comparison: nothing from outside that is not escaped. */
import { expect, test } from 'vitest';
import {
  type CompareFindings,
  conclude,
  judgeMetrics,
  type Pair,
} from '../../../src/experiment/compare/findings.ts';
import { metricOf } from '../../../src/experiment/compare/metrics.ts';
import { comparePage } from '../../../src/experiment/compare/page.ts';
import {
  changeText,
  label,
  lookLine,
  pairLine,
  summaryText,
  valueText,
} from '../../../src/experiment/compare/words.ts';

const EVIL = '<script>alert(1)</script>';

const RULES = {
  error: 0.01,
  practical: 0.1,
  tolerance: 0.05,
  deciding: ['p50(ack)', 'p99(ack)', 'cpu(producers)'],
};

const PAIRS = Array.from({ length: 8 }, (_, i): Pair => {
  const shake = 1 + 0.01 * Math.sin(i * i);
  return {
    number: i + 1,
    first: i % 2 === 0 ? 'base' : 'candidate',
    seed: i,
    base: {
      folder: `pair-${i}-base`,
      neighbours: i === 1 ? 0.8 : null,
      values: { 'p50(ack)': 2, 'p99(ack)': 4 * shake ** 40, 'cpu(producers)': 9 },
    },
    candidate: {
      folder: `pair-${i}-candidate`,
      neighbours: null,
      values: { 'p50(ack)': 30 * shake, 'p99(ack)': 5, 'cpu(producers)': 4 * shake },
    },
  };
});

function found(refusal: CompareFindings['refusal'] = null): CompareFindings {
  const compared = { design: 'pairs' as const, pairs: PAIRS, looked: [4, 6, 8] };
  const metrics = refusal === null ? judgeMetrics(compared, RULES) : [];
  return {
    ...{ format: 1, kind: 'compare', finishedAt: '2026-01-02T03:04:05.678Z' },
    ...conclude(metrics, RULES, refusal),
    ...{ refusal, metrics, compared, rules: RULES, environment: {} },
    base: { scenario: `it ${EVIL}`, from: `a ${EVIL}`, set: [] },
    candidate: { scenario: 'it', from: 'b', set: [`x=${EVIL}`] },
    differences: [{ path: 'checkout.config.linger.ms', base: '0', candidate: EVIL }],
  } as CompareFindings;
}

test('the page tells what differs, how much, and how sure that is', async () => {
  const scenarios = { base: `name: ${EVIL}`, candidate: EVIL };
  const html = await comparePage({ found: found(), scenarios, versions: 'x 1' });
  expect(html).not.toContain(EVIL);
  expect(html).toContain('data-chart="0"');
  expect(html).toContain('p50 response time');
  expect(html).toContain('href="pair-0-base/report.html"');
  expect(html).toContain('checkout.config.linger.ms: 0 → &lt;script&gt;');
});

test('a comparison that was refused says why, and draws nothing', async () => {
  const refused = found({ kind: 'delivery', why: `it lost 3 ${EVIL}` });
  const scenarios = { base: '', candidate: '' };
  const html = await comparePage({ found: refused, scenarios, versions: 'x 1' });
  expect(html).toContain('not compared: it lost 3 &lt;script&gt;');
  expect(html).not.toContain('data-chart="0"');
});

test('the terminal tells the same', () => {
  const text = summaryText(found());
  expect(text).toContain('better in some metrics and worse in others');
  expect(text).toContain('A regression beyond the tolerance of 5.00 %: p50 response time');
  expect(text).toMatch(/p50 response time +2\.00 ms → .*×15.*worse/);
  expect(text).toMatch(/CPU of producers, per record +9\.00 µs → .*-5\d\.\d %.*better/);
  expect(text).toMatch(/p99 response time.*inconclusive/);
  expect(text).toContain('Others used the machine in 1 of 16 runs');
});

test('a pair and a look are one line each', () => {
  const [first] = PAIRS;
  expect(first && pairLine(first, ['p50(ack)', 'p99(e2e)'])).toBe(
    'pair 1 (base first): p50(ack) 2.00 ms → 30.0 ms (×15.0)',
  );
  expect(PAIRS[1] && pairLine(PAIRS[1], [])).toContain('others used 0.8 cores meanwhile');
  expect(lookLine(found().metrics, 8)).toBe('after 8 pairs: open are p99(ack)');
});

test('changes, values and names as people read them', () => {
  expect([null, 0.031, -0.5, 14].map(changeText)).toEqual(['–', '+3.1 %', '-50.0 %', '×15.0']);
  expect(valueText(4.1234, metricOf('cpu(brokers)'))).toBe('4.12 µs');
  expect(valueText(null, metricOf('cpu(brokers)'))).toBe('–');
  expect(['p999(e2e)', 'recovery(leader dies)', 'cpu(brokers)'].map(label)).toEqual([
    'p99.9 end to end',
    'recovery after leader dies',
    'CPU of brokers, per record',
  ]);
});

/** The page of a search: its answer, its curve, its steps, and nothing from outside that is not escaped. */
import { expect, test } from 'vitest';
import { findings } from '../../../src/experiment/capacity/findings.ts';
import type { MeasuredStep } from '../../../src/experiment/capacity/measured-step.ts';
import { capacityPage } from '../../../src/experiment/capacity/page.ts';
import type { Answer } from '../../../src/experiment/capacity/search.ts';
import { stepLine, summaryText } from '../../../src/experiment/capacity/words.ts';

const EVIL = '<script>alert(1)</script>';

const step = (number: number, rate: number, p99: number): MeasuredStep => ({
  ...{ number, folder: `step-0${number}`, rate, acknowledgedPerSecond: rate, bytesPerSecond: 1 },
  ...(p99 < 50
    ? { outcome: 'holds' as const, why: null }
    : { outcome: 'breaks' as const, why: `p99(ack) < 50ms: was ${p99} ms` }),
  ackMs: { p50: 5, p99, p999: 99, max: 100 },
  processors: { cores: 2, busy: 1.9, brokers: 1.5, clients: 0.2, others: 0.1 },
});

const STEPS = [step(1, 10_000, 9), step(2, 20_000, 20), step(3, 40_000, 400), step(4, 30_000, 49)];

const found = (answer: Answer, steps = STEPS) =>
  findings(answer, steps, {
    scenario: `it ${EVIL}`,
    finishedAt: '2026-01-02T03:04:05.678Z',
    predicate: ['p99(ack) < 50ms'],
    options: { from: 10_000, precision: 0.1, confidence: 0.95, most: 50, seed: 7 },
    environment: {},
  });

const page = (of: ReturnType<typeof found>) =>
  capacityPage({
    found: of,
    question: `Does it? ${EVIL}`,
    resolved: `name: ${EVIL}`,
    versions: 'x 1',
  });

const BRACKETED: Answer = {
  kind: 'bracketed',
  bracket: { low: 30_000.4, high: 32_100.2 },
  estimate: 31_234,
};

test('a bracket is told with its confidence, its steps and what was used up', async () => {
  const told = found(BRACKETED);
  expect(told).toMatchObject({ verdict: 'pass', exitCode: 0, saturation: { what: 'machine' } });
  const html = await page(told);
  expect(html).toContain('31,200/s');
  expect(html).toContain('95.0 % confidence');
  expect(html).toContain('between 30,000/s and 32,101/s, which is 7.00 % wide');
  expect(html).toContain('href="step-03/report.html"');
  expect(html).toContain('p99(ack) &lt; 50ms: was 400 ms');
  expect(html).toContain('The processors were used up');
  expect(html).toContain('data-chart="0"');
  expect(html.includes(EVIL)).toBe(false);
  expect(/(?:src|href)="https?:/.test(html)).toBe(false);
  expect(summaryText(told)).toContain('31,200/s (4 steps)');
});

test.each<[Answer, string, string]>([
  [{ ...BRACKETED, kind: 'wide' }, '31,200/s', '10.0 % was asked for'],
  [
    { kind: 'at-least', low: 80_000, limit: 'generator' },
    'at least 80,000/s',
    'load generator was',
  ],
  [{ kind: 'at-least', low: 80_000, limit: 'steps' }, 'at least 80,000/s', 'before anything broke'],
  [{ kind: 'at-most', high: 100 }, 'below 100/s', 'No rate held'],
  [{ kind: 'nothing', limit: 'steps' }, 'not known', 'No step said anything'],
])('what is not known is unknown: %j', async (answer, headline, words) => {
  const told = found(answer);
  expect(told).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  const html = await page(told);
  expect(html).toContain(`<strong>${headline}</strong>`);
  expect(html).toContain(words);
});

test('without any step there is no chart', async () => {
  const html = await page(found({ kind: 'nothing', limit: 'steps' }, []));
  expect(html.includes('data-chart="')).toBe(false);
});

test('a step is one line, with why it broke and what comes next', () => {
  expect(stepLine(STEPS[2] as MeasuredStep, { kind: 'try', rate: 30_000 })).toBe(
    'step 3: 40,000/s ✕ breaks p99 400 ms (p99(ack) < 50ms: was 400 ms); next 30,000/s',
  );
});

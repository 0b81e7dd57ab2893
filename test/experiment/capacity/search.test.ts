/** The search against systems whose capacity is known: it must find it, whatever noise, hiccups and hysteresis do. */
import { describe, expect, test } from 'vitest';
import { nextStep, type SearchOptions } from '../../../src/experiment/capacity/search.ts';
import type { Step, StepOutcome } from '../../../src/experiment/capacity/step.ts';
import { createRandom, type Random } from '../../../src/lib/random.ts';

const OPTIONS: SearchOptions = { from: 10_000, precision: 0.1, confidence: 0.95, most: 60 };

function gaussian({ next }: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/**
 * A server that takes a fixed time for each record, at random arrivals (M/D/1). The tail of its waiting time falls by
 * exp(-2 (1 - load) t / service), nearly (heavy traffic): so p99 is under the limit up to a load that can be told.
 */
function queue(perSecond: number, limitMs: number) {
  const serviceMs = 1000 / perSecond;
  const p99 = (rate: number): number =>
    rate >= perSecond
      ? Infinity
      : serviceMs + (Math.log(100) * serviceMs) / (2 * (1 - rate / perSecond));
  // p99(border) = limit, solved for the rate.
  const border = perSecond * (1 - (Math.log(100) * serviceMs) / (2 * (limitMs - serviceMs)));
  return { p99, border };
}

type System = (rate: number, steps: readonly Step[]) => StepOutcome;

function search(system: System, options: SearchOptions = OPTIONS) {
  const steps: Step[] = [];
  for (;;) {
    const next = nextStep(steps, options);
    if (next.kind === 'done') return { answer: next.answer, steps };
    steps.push({ rate: next.rate, outcome: system(next.rate, steps) });
  }
}

const RUNS = 20;

/** How often of `RUNS` the bracket held the border, and the estimate was within 3 % of it; and the most steps. */
function tally(noise: number, hiccups: number, hysteresis: number) {
  let inside = 0;
  let close = 0;
  let most = 0;
  for (let seed = 0; seed < RUNS; seed++) {
    const random = createRandom(seed, 'simulated');
    const { p99, border } = queue(15_000 + random.next() * 300_000, 50);
    const { answer, steps } = search((rate, before) => {
      const tired = before.at(-1)?.outcome === 'breaks' && random.next() < 0.3;
      const seen = p99(rate * (tired ? 1 + hysteresis : 1)) * Math.exp(noise * gaussian(random));
      const holds = seen < 50;
      return (random.next() < hiccups ? !holds : holds) ? 'holds' : 'breaks';
    });
    if (answer.kind !== 'bracketed') continue;
    const { low, high } = answer.bracket;
    expect(high / low).toBeLessThanOrEqual(1.1);
    if (low <= border && border <= high) inside++;
    if (Math.abs(answer.estimate / border - 1) <= 0.03) close++;
    most = Math.max(most, steps.length);
  }
  return { inside: inside / RUNS, close: close / RUNS, most };
}

describe('a queue of known capacity', () => {
  test('is bracketed, and told within 3 %, when nothing disturbs', () => {
    const { inside, close, most } = tally(0, 0, 0);
    expect(inside).toBe(1);
    expect(close).toBe(1);
    expect(most).toBeLessThanOrEqual(20);
  });

  test.each([
    ['noise', 0.3, 0, 0],
    ['hiccups', 0, 0.03, 0],
    ['hysteresis', 0, 0, 0.05],
    ['all of it', 0.2, 0.02, 0.03],
  ])('is found under %s', (_, noise, hiccups, hysteresis) => {
    const { inside, close } = tally(noise, hiccups, hysteresis);
    expect(inside).toBeGreaterThanOrEqual(0.9);
    expect(close).toBeGreaterThanOrEqual(0.9);
  });

  test('is found from below and from far above', () => {
    for (const from of [10, 10_000_000]) {
      const { answer } = search((rate) => (rate < 42_000 ? 'holds' : 'breaks'), {
        ...OPTIONS,
        from,
      });
      expect(answer).toMatchObject({ kind: 'bracketed' });
      expect('estimate' in answer && Math.abs(answer.estimate / 42_000 - 1)).toBeLessThan(0.03);
    }
  });
});

describe('what is not known is said', () => {
  test('the generator is the limit', () => {
    const { answer, steps } = search((rate) => (rate <= 40_000 ? 'holds' : 'void'));
    expect(answer).toEqual({ kind: 'at-least', low: 40_000, limit: 'generator' });
    expect(steps.filter(({ outcome }) => outcome === 'void')).toHaveLength(2);
  });

  test('one bad moment of the generator is no limit', () => {
    let bad = true;
    const { answer } = search((rate) => {
      if (rate > 15_000 && bad) {
        bad = false;
        return 'void';
      }
      return rate < 50_000 ? 'holds' : 'breaks';
    });
    expect(answer.kind).toBe('bracketed');
  });

  test('the generator is the limit where the border is looked for', () => {
    const { answer } = search((rate) =>
      rate < 10_500 ? 'holds' : rate < 19_000 ? 'void' : 'breaks',
    );
    expect(answer.kind).toBe('wide');
  });

  test('nothing holds', () => {
    expect(search(() => 'breaks').answer).toEqual({ kind: 'at-most', high: 1 });
    expect(search(() => 'void').answer).toEqual({ kind: 'nothing', limit: 'generator' });
  });

  test('time ran out', () => {
    const few = { ...OPTIONS, most: 4 };
    expect(search((rate) => (rate < 12_000 ? 'holds' : 'breaks'), few).answer.kind).toBe('wide');
    expect(search(() => 'holds', few).answer).toEqual({
      kind: 'at-least',
      low: 80_000,
      limit: 'steps',
    });
  });

  test('what was disturbed is tried again, and says nothing', () => {
    const { answer, steps } = search((rate, before) => {
      if (before.length % 2 === 0) return 'disturbed';
      return rate < 33_000 ? 'holds' : 'breaks';
    });
    expect(answer).toMatchObject({ kind: 'bracketed' });
    for (const [i, { rate, outcome }] of steps.entries()) {
      if (outcome === 'disturbed') expect(steps[i + 1]?.rate).toBe(rate);
    }
  });
});

test('a search that was interrupted goes on as if it had not been', () => {
  const system: System = (rate) => (rate < 31_000 ? 'holds' : 'breaks');
  const { steps, answer } = search(system);
  for (let i = 0; i < steps.length; i++) {
    const next = nextStep(steps.slice(0, i), OPTIONS);
    expect(next).toEqual({ kind: 'try', rate: steps[i]?.rate });
  }
  expect(nextStep(steps, OPTIONS)).toEqual({ kind: 'done', answer });
});

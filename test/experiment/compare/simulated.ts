/** Comparisons of systems whose difference is known, so that what is claimed of them can be counted. */
import { decide, type MetricVerdict, type Rules } from '../../../src/experiment/compare/decide.ts';
import { fromPairs, type LogRatio } from '../../../src/experiment/compare/estimate.ts';
import { isLastLookDue, isLookDue, shareOfLook } from '../../../src/experiment/compare/looks.ts';
import type { Random } from '../../../src/lib/random.ts';

export type Simulated = {
  readonly metrics: number;
  readonly pairs: number;
  /** By how much the candidate's logarithms are higher, in every metric. */
  readonly difference: number;
  /** Of one run's logarithm. */
  readonly noise: () => number;
  /** The logarithm grows by it with every run. */
  readonly drift: number;
};

export const RULES: Rules = { error: 0.01, practical: 0.1 };

/** What is claimed of each metric in the end, and after how many pairs. */
export function simulate(system: Simulated, rules: Rules = RULES) {
  const ratios = Array.from({ length: system.metrics }, (): LogRatio[] => []);
  const looked: number[] = [];
  let verdicts: readonly MetricVerdict[] = [];
  for (let pair = 1; pair <= system.pairs; pair++) {
    for (const metric of ratios) metric.push(onePair(pair, system));
    const isLast = pair === system.pairs && isLastLookDue(pair, looked);
    if (!isLookDue(pair, looked) && !isLast) continue;
    looked.push(pair);
    const questions = ratios.map((values, i) => ({
      name: `metric ${i}`,
      better: 'lower' as const,
      estimate: fromPairs(values),
    }));
    verdicts = decide(questions, rules, shareOfLook(looked.length)).map(({ verdict }) => verdict);
    if (verdicts.every((verdict) => verdict !== 'inconclusive')) break;
  }
  return { verdicts, pairs: looked.at(-1) ?? 0 };
}

function onePair(pair: number, { difference, noise, drift }: Simulated): LogRatio {
  const first = pair % 2 === 1 ? 'base' : 'candidate';
  const later = first === 'base' ? drift : -drift;
  return { value: difference + later + noise() - noise(), first };
}

/** Box and Muller's. */
export const normal =
  ({ next }: Random, deviation: number) =>
  (): number =>
    deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Mostly calm, and now and then a run three to thirty times as slow, as p99.9 is on a busy machine. */
export const heavyTailed = (random: Random, deviation: number) => {
  const calm = normal(random, deviation);
  return (): number => calm() + (random.next() < 0.1 ? 1 + 2.4 * random.next() : 0);
};

/** No mean at all. */
export const cauchy =
  ({ next }: Random, scale: number) =>
  (): number =>
    scale * Math.tan(Math.PI * (next() - 0.5));

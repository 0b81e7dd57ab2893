/**
 * From estimates to verdicts. A difference is claimed when chance alone would show one like it, in any metric and at any
 * look, in at most `error` of all comparisons of a thing with itself (Holm's step-down procedure). That there is none
 * is claimed when both bounds of its interval lie within `practical` (two one-sided tests).
 */
import type { Estimate } from './estimate.ts';
import { criticalT, tails } from './student.ts';

export type MetricVerdict = 'better' | 'worse' | 'no difference' | 'inconclusive';

export type Rules = {
  /** Allowed share of comparisons in which a difference is claimed that is none, all metrics together. */
  readonly error: number;
  /** Differences up to this share are none for any practical purpose. */
  readonly practical: number;
};

/** Candidate to base, as a change: 0.1 is 10 % more. */
export type Interval = { readonly low: number; readonly high: number };

export type Decision = {
  readonly verdict: MetricVerdict;
  /** The candidate against the base: -0.1 is 10 % less. Null: too few runs, or some had no value. */
  readonly change: number | null;
  /** Holds for all metrics and looks together, with the confidence of `error`. */
  readonly interval: Interval | null;
  /** Narrower, for this metric alone: the one that `no difference` is judged by. */
  readonly equivalence: Interval | null;
  /** The smallest change that would have been found nine times in ten; null with `change`. */
  readonly detectable: number | null;
};

export type Question = {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  readonly estimate: Estimate | null;
};

/** Below it nothing is called a difference: clocks, histograms and the edges of windows are no better. */
export const RESOLUTION = 0.005;
const RESOLUTION_LOG = Math.log1p(RESOLUTION);

/** Of claims that there is no difference, for each metric. */
const EQUIVALENCE_ERROR = 0.05;
const POWER = 0.9;

/** `share`: of the allowed error, for this look. */
export function decide(
  questions: readonly Question[],
  rules: Rules,
  share: number,
): readonly Decision[] {
  const levels = holm(
    questions.map(({ estimate }) => (estimate === null ? 1 : chance(estimate))),
    rules.error * share,
  );
  return questions.map(({ better, estimate }, i) =>
    estimate === null
      ? UNDECIDED
      : decideOne(better, estimate, { rules, share, ...(levels[i] as Level) }),
  );
}

const UNDECIDED: Decision = {
  verdict: 'inconclusive',
  change: null,
  interval: null,
  equivalence: null,
  detectable: null,
};

/** That a difference of at most RESOLUTION shows itself like this. */
function chance({ mean, standardError, freedom }: Estimate): number {
  return tails(Math.max(0, Math.abs(mean) - RESOLUTION_LOG) / standardError, freedom);
}

type Level = { readonly level: number; readonly isRejected: boolean };

/** The level at which each hypothesis was tested, and whether it fell. */
export function holm(chances: readonly number[], error: number): readonly Level[] {
  const order = chances.map((_, i) => i).sort((a, b) => at(chances, a) - at(chances, b));
  const fallen = order.findIndex((i, rank) => at(chances, i) > error / (order.length - rank));
  const rejected = fallen === -1 ? order.length : fallen;
  return chances.map((_, i) => {
    const rank = order.indexOf(i);
    return {
      level: error / (order.length - Math.min(rank, rejected)),
      isRejected: rank < rejected,
    };
  });
}

const at = (values: readonly number[], i: number): number => values[i] as number;

type Terms = Level & { readonly rules: Rules; readonly share: number };

function decideOne(better: Question['better'], estimate: Estimate, terms: Terms): Decision {
  const { mean, standardError, freedom } = estimate;
  const { rules, share, level, isRejected } = terms;
  const within = (t: number): Interval => ({
    low: Math.expm1(mean - t * standardError),
    high: Math.expm1(mean + t * standardError),
  });
  const critical = criticalT(level, freedom);
  const equivalence = within(criticalT(2 * EQUIVALENCE_ERROR * share, freedom));
  const found = RESOLUTION_LOG + (critical + criticalT(2 * (1 - POWER), freedom)) * standardError;
  const isSame = equivalence.low >= -rules.practical && equivalence.high <= rules.practical;
  return {
    verdict: isRejected ? direction(better, mean) : isSame ? 'no difference' : 'inconclusive',
    change: Math.expm1(mean),
    interval: within(critical),
    equivalence,
    detectable: Math.expm1(found),
  };
}

const direction = (better: Question['better'], mean: number): MetricVerdict =>
  mean > 0 === (better === 'higher') ? 'better' : 'worse';

/** `compare.json`: a public contract, as result.json is. */
import type { Verdict } from '../../verify/result.ts';
import { type Decision, decide, type Rules } from './decide.ts';
import { type Estimate, fromPairs, fromTwoSides } from './estimate.ts';
import { shareOfLook } from './looks.ts';
import { type ComparedMetric, metricsIn } from './metrics.ts';
import type { Refusal } from './refusal.ts';
import type { ComparedRun } from './runs.ts';

export const COMPARE_FORMAT = 1;

/** The runs of both sides one after the other, on the same cluster where the sides allow it. */
export type Pair = {
  /** From 1; pairs that were made again leave gaps. */
  readonly number: number;
  readonly first: 'base' | 'candidate';
  readonly seed: number;
  readonly base: ComparedRun;
  readonly candidate: ComparedRun;
};

/** What the verdicts come from. */
export type Compared =
  | {
      readonly design: 'pairs';
      readonly pairs: readonly Pair[];
      /** How many pairs there were at each look. */
      readonly looked: readonly number[];
    }
  | {
      /** Runs made at different times: whatever changed between counts as a difference. */
      readonly design: 'sides';
      readonly base: readonly ComparedRun[];
      readonly candidate: readonly ComparedRun[];
    };

export type CompareRules = Rules & {
  /** A metric that is worse by more than this share is a regression. */
  readonly tolerance: number;
  /** The metrics that a comparison is for; those that no run has are left out. */
  readonly deciding: readonly string[];
};

export type MetricFinding = ComparedMetric &
  Decision & {
    /** Geometric means over the runs; null without any. */
    readonly base: number | null;
    readonly candidate: number | null;
    /** Pairs, or runs of the smaller side, in which it was measured. */
    readonly samples: number;
    readonly decides: boolean;
    readonly note: string | null;
  };

export type Answer =
  | 'better'
  | 'worse'
  | 'better and worse'
  | 'no difference'
  | 'inconclusive'
  | 'refused';

export type SideFinding = {
  readonly scenario: string;
  /** The scenario file, the folder of the runs, or the baseline. */
  readonly from: string;
  /** What `--base-set` or `--candidate-set` said. */
  readonly set: readonly string[];
};

export type CompareFindings = {
  readonly format: number;
  readonly kind: 'compare';
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly verdict: Verdict;
  readonly exitCode: 0 | 1 | 3;
  readonly answer: Answer;
  readonly refusal: Refusal | null;
  readonly base: SideFinding;
  readonly candidate: SideFinding;
  /** Paths of the scenario in which both sides differ. */
  readonly differences: readonly Difference[];
  readonly metrics: readonly MetricFinding[];
  readonly rules: CompareRules;
  readonly compared: Compared;
  readonly environment: Readonly<Record<string, unknown>>;
};

export type Difference = {
  readonly path: string;
  /** Null: only the other side has it. */
  readonly base: string | null;
  readonly candidate: string | null;
};

/** At the last look; before the first one every metric is inconclusive. */
export function judgeMetrics(compared: Compared, rules: CompareRules): readonly MetricFinding[] {
  const { base, candidate, share } = sidesOf(compared);
  const metrics = metricsIn(
    base.map(({ values }) => values),
    candidate.map(({ values }) => values),
  );
  const estimates = metrics.map(({ name }) => estimateOf(compared, name));
  const decisions = decide(
    metrics.map((metric, i) => ({ ...metric, estimate: estimates[i] ?? null })),
    rules,
    share,
  );
  const fewest = Math.min(base.length, candidate.length);
  return metrics.map((metric, i) => {
    const [ours, theirs] = [known(base, metric.name), known(candidate, metric.name)];
    const samples = Math.min(ours.length, theirs.length);
    return {
      ...metric,
      ...(decisions[i] as Decision),
      base: geometricMean(ours),
      candidate: geometricMean(theirs),
      samples,
      decides: rules.deciding.includes(metric.name),
      note: samples < fewest ? 'not every run has it, so it cannot be compared' : null,
    };
  });
}

type Sides = {
  readonly base: readonly ComparedRun[];
  readonly candidate: readonly ComparedRun[];
  readonly share: number;
};

function sidesOf(compared: Compared): Sides {
  if (compared.design === 'sides') return { ...compared, share: 1 };
  const seen = seenPairs(compared);
  return {
    base: seen.map(({ base }) => base),
    candidate: seen.map(({ candidate }) => candidate),
    share: shareOfLook(Math.max(1, compared.looked.length)),
  };
}

/** The pairs of the last look: those that came later were not looked at. */
const seenPairs = ({ pairs, looked }: Extract<Compared, { design: 'pairs' }>): readonly Pair[] =>
  pairs.slice(0, looked.at(-1) ?? pairs.length);

/** Null: no look yet, too few runs, or a run without it. */
function estimateOf(compared: Compared, name: string): Estimate | null {
  const log = ({ values }: ComparedRun): number => Math.log(values[name] ?? Number.NaN);
  if (compared.design === 'sides') {
    const [base, candidate] = [compared.base.map(log), compared.candidate.map(log)];
    return [...base, ...candidate].some(Number.isNaN) ? null : fromTwoSides(base, candidate);
  }
  if (compared.looked.length === 0) return null;
  const ratios = seenPairs(compared).map(({ base, candidate, first }) => ({
    value: log(candidate) - log(base),
    first,
  }));
  return ratios.some(({ value }) => Number.isNaN(value)) ? null : fromPairs(ratios);
}

const known = (runs: readonly ComparedRun[], name: string): readonly number[] =>
  runs.flatMap(({ values }) => values[name] ?? []);

const geometricMean = (values: readonly number[]): number | null =>
  values.length === 0
    ? null
    : Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** Whether more pairs could only tell what is known. */
export function isDecided(metrics: readonly MetricFinding[]): boolean {
  const asked = metrics.filter(({ decides }) => decides);
  return asked.length > 0 && asked.every(({ verdict }) => verdict !== 'inconclusive');
}

export type Conclusion = Pick<CompareFindings, 'answer' | 'verdict' | 'exitCode'>;

export function conclude(
  metrics: readonly MetricFinding[],
  { tolerance }: Pick<CompareRules, 'tolerance'>,
  refusal: Refusal | null,
): Conclusion {
  if (refusal !== null) {
    const lost = refusal.kind === 'delivery';
    return { answer: 'refused', verdict: lost ? 'fail' : 'unknown', exitCode: lost ? 1 : 3 };
  }
  const answer = answerOf(metrics);
  if (metrics.some((metric) => isRegression(metric, tolerance))) {
    return { answer, verdict: 'fail', exitCode: 1 };
  }
  // What is better or worse, but not by much, is known well enough.
  return isDecided(metrics)
    ? { answer, verdict: 'pass', exitCode: 0 }
    : { answer: 'inconclusive', verdict: 'unknown', exitCode: 3 };
}

/** Worse beyond doubt, and by more than is tolerated as far as can be told. */
export function isRegression(
  { verdict, better, change }: MetricFinding,
  tolerance: number,
): boolean {
  if (verdict !== 'worse' || change === null) return false;
  return better === 'lower' ? change > tolerance : change < -tolerance;
}

function answerOf(metrics: readonly MetricFinding[]): Answer {
  const has = (wanted: MetricFinding['verdict']): boolean =>
    metrics.some(({ verdict }) => verdict === wanted);
  if (has('better') && has('worse')) return 'better and worse';
  if (has('better')) return 'better';
  if (has('worse')) return 'worse';
  return isDecided(metrics) ? 'no difference' : 'inconclusive';
}

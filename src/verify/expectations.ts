/** Every `expect` line against its number. */
import type { FaultMeasures, Measures } from '../measure/measures.ts';
import { type DeliveryNumbers, metricValue, windowName } from '../measure/metric-value.ts';
import { GOOD_SECONDS } from '../measure/recovery.ts';
import { isMetricName, METRICS, type MetricSpec } from '../scenario/metrics.ts';
import type { Comparison, Expectation } from '../scenario/scenario.ts';
import type { ExpectationResult, Verdict } from './result.ts';

export type ExpectationContext = {
  readonly measures: Measures;
  readonly delivery: DeliveryNumbers;
  readonly voids: ReadonlyMap<string, string>;
  /** Why the evidence is not whole, or null. */
  readonly blind: string | null;
};

export type JudgedExpectation = ExpectationResult & {
  /** It failed by a count that more evidence could only have made larger. */
  readonly proven: boolean;
};

export function judgeExpectation(
  expectation: Expectation,
  context: ExpectationContext,
): JudgedExpectation {
  const { text, metric, comparison, value } = expectation;
  if (!isMetricName(metric)) throw new Error(`no metric is called ${metric}`);
  const spec = METRICS[metric];
  const actual = metricValue(context.measures, context.delivery, expectation);
  const base = { expression: text, actual, unit: spec.unit };
  const doubt = doubtAbout(expectation, spec, context);
  const told = (verdict: Verdict, note: string | null, proven = false): JudgedExpectation => ({
    ...base,
    verdict,
    ...(note === null ? {} : { note }),
    proven,
  });
  if (actual === null) return told(...withoutValue(expectation, doubt, context));
  const holds = compare(actual, comparison, value);
  if (!holds && isProven(expectation, actual)) return told('fail', null, true);
  return doubt === null ? told(holds ? 'pass' : 'fail', null) : told('unknown', doubt);
}

/** Those of relays are null until all is worked off and every output was read. */
const ONLY_GROWING: readonly string[] = [
  'lost',
  'duplicated',
  'reordered',
  'skipped',
  'unrelayed',
  'doubled',
];

/** A count of anomalies above its limit is no less above it for what the evidence lacks. */
const isProven = ({ metric, comparison, value }: Expectation, actual: number): boolean =>
  ONLY_GROWING.includes(metric) && ['==', '<', '<='].includes(comparison) && actual >= value;

/** Why the number does not say what it seems to, or null. */
function doubtAbout(
  expectation: Expectation,
  spec: MetricSpec,
  { voids, blind, measures }: ExpectationContext,
): string | null {
  if (blind !== null) return blind;
  if (expectation.metric.includes('(lateness)')) return null;
  const late = spec.kind === 'delivery' ? undefined : voids.get(windowName(expectation));
  if (late !== undefined) return late;
  const fault = faultOf(expectation, measures);
  if (fault === undefined) return null;
  const lateInFault = voids.get(`during ${fault.name}`);
  if (lateInFault !== undefined) return lateInFault;
  return fault.effect.proven ? null : `${fault.name} was not seen to have an effect`;
}

const faultOf = ({ window }: Expectation, { faults }: Measures): FaultMeasures | undefined =>
  window.kind === 'during' || window.kind === 'after'
    ? faults.find(({ name }) => name === window.fault)
    : undefined;

/** No number: unknown, unless it was a recovery that was watched for longer than it was allowed to take. */
function withoutValue(
  expectation: Expectation,
  doubt: string | null,
  { measures }: ExpectationContext,
): [Verdict, string] {
  if (doubt !== null) return ['unknown', doubt];
  if (expectation.metric === 'catch-up') return withoutCatchUp(expectation, measures);
  const watchedMs = faultOf(expectation, measures)?.watchedMs ?? null;
  const { metric, comparison, value } = expectation;
  if (metric !== 'recovery' || watchedMs === null) return ['unknown', 'there were no samples'];
  const seconds = Math.floor(watchedMs / 1000);
  const enough = watchedMs >= value + (GOOD_SECONDS + 1) * 1000;
  return enough && (comparison === '<' || comparison === '<=')
    ? ['fail', `it did not recover in the ${seconds} s it was watched`]
    : ['unknown', `it did not recover in the ${seconds} s it was watched; measure for longer`];
}

/** A failure only where every group was watched for longer than it was to take. */
function withoutCatchUp(
  { of, comparison, value }: Expectation,
  { catchUps }: Measures,
): [Verdict, string] {
  const asked = Object.entries(catchUps).filter(([load]) => of === null || load === of);
  const behind = asked.flatMap(([, one]) => (one?.catchUpMs === null ? [one.watchedMs] : []));
  if (behind.length === 0) return ['unknown', 'it could not be measured'];
  const longest = Math.max(...behind);
  const note = `it had not caught up in the ${Math.floor(longest / 1000)} s it was watched`;
  const failed = longest >= value && (comparison === '<' || comparison === '<=');
  return failed ? ['fail', note] : ['unknown', `${note}; measure for longer`];
}

export function compare(actual: number, comparison: Comparison, value: number): boolean {
  switch (comparison) {
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
  }
}

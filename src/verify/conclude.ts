/**
 * The verdict. A proven safety violation is `fail`, even in an interrupted or gated run. Otherwise any closed gate
 * makes it `unknown`. Otherwise an expectation that did not hold, or a group or a transaction that stands still, is
 * `fail`, and so is a run that its `abort-on` stopped; one that could not be judged is `unknown`. Else `pass`.
 */
import type { MustFind } from '../scenario/must-find.ts';
import type { JudgedExpectation } from './expectations.ts';
import type { Anomaly, Reason, Verdict } from './result.ts';

/** Reasons by weight; the first kind that is present decides. */
type Weighed = {
  readonly proven: Reason[];
  readonly gates: Reason[];
  readonly failed: Reason[];
  readonly doubts: Reason[];
};

/** `stops`: what ended the run early by its own scenario. `doubts`: what there was too little time for. */
export type Endings = {
  readonly stops?: readonly Reason[];
  readonly doubts?: readonly Reason[];
};

export type Conclusion = { readonly verdict: Verdict; readonly reasons: readonly Reason[] };

export function conclude(
  mustFind: MustFind | null,
  gates: readonly Reason[],
  expectations: readonly JudgedExpectation[],
  anomalies: readonly Anomaly[],
  { stops = [], doubts = [] }: Endings = {},
): Conclusion {
  const weighed: Weighed = {
    proven: [],
    gates: [...gates],
    failed: [...stops],
    doubts: [...doubts],
  };
  for (const anomaly of anomalies) weighAnomaly(anomaly, mustFind, weighed);
  for (const expectation of expectations) weighExpectation(expectation, weighed);
  if (mustFind !== null && !anomalies.some(({ kind }) => kind === mustFind)) {
    const message = `the run was to show ${mustFind}, and it was not found`;
    weighed.gates.push(reason('must-find-missing', message));
  }
  const { proven, gates: closed, failed } = weighed;
  return {
    verdict: verdictOf(weighed),
    reasons: [...proven, ...closed, ...failed, ...weighed.doubts],
  };
}

function verdictOf({ proven, gates, failed, doubts }: Weighed): Verdict {
  if (proven.length > 0) return 'fail';
  if (gates.length > 0) return 'unknown';
  if (failed.length > 0) return 'fail';
  return doubts.length > 0 ? 'unknown' : 'pass';
}

function weighAnomaly(anomaly: Anomaly, mustFind: MustFind | null, weighed: Weighed): void {
  const { kind, count, why, examples, judgedBy } = anomaly;
  // An expectation about the count says it already.
  if (anomaly.judgement === 'expected' || judgedBy === 'expectation') return;
  const at = examples.find(({ atMs }) => atMs !== null)?.atMs ?? null;
  const message = `${kind} × ${count}, against what holds here: ${why}`;
  if (kind === 'stuck-group' || kind === 'stuck-partition') {
    weighed.failed.push(reason(kind, message, at));
  } else if (kind === 'hanging-transaction') {
    weighed.failed.push(reason('guarantee-violated', message, at));
  } else {
    const code = mustFind === null ? 'guarantee-violated' : 'must-find-worse';
    weighed.proven.push(reason(code, message, at));
  }
}

function weighExpectation(expectation: JudgedExpectation, weighed: Weighed): void {
  const { verdict, proven, expression, actual, unit, note } = expectation;
  const told = note ?? `it was ${formatActual(actual, unit)}`;
  if (verdict === 'fail') {
    const found = reason(
      'expectation-failed',
      `the expectation ${expression} did not hold: ${told}`,
    );
    (proven ? weighed.proven : weighed.failed).push(found);
  }
  if (verdict === 'unknown') {
    const message = `the expectation ${expression} could not be judged: ${told}`;
    weighed.doubts.push(reason('expectation-unknown', message));
  }
}

const formatActual = (actual: number | null, unit: string): string =>
  unit === 'ms' && actual !== null ? `${Math.round(actual * 10) / 10} ms` : `${actual}`;

const reason = (code: Reason['code'], message: string, at: number | null = null): Reason => ({
  code,
  message,
  at,
});

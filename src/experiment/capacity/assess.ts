/**
 * What one step says of its rate. It holds when the whole run passes and the cluster kept up; it breaks when the cluster
 * did what the scenario does not allow. When the harness was the limit it is void, when the
 * machine's other users were, it was disturbed: both say nothing of the cluster.
 */
import type { LoadMeasures, Measures } from '../../measure/measures.ts';
import { windowName } from '../../measure/metric-value.ts';
import { neighbours } from '../../measure/processors.ts';
import { inUnit, share } from '../../report/format.ts';
import { isMetricName, percentileOf } from '../../scenario/metrics.ts';
import type { Expectation, Scenario } from '../../scenario/scenario.ts';
import type { ReasonCode, Result } from '../../verify/result.ts';
import type { StepOutcome } from './step.ts';

export type Assessment = {
  readonly outcome: StepOutcome;
  /** Null when it holds. */
  readonly why: string | null;
};

export type Judged = {
  readonly scenario: Scenario;
  readonly measures: Measures;
  readonly result: Result;
};

/** Of the records offered in `measure`, so many may wait for their answer at its end, or to be read. */
const KEPT_UP = 0.95;
/** A worker is one thread; above this it had no time left to be on time. */
const BUSY = 0.95;

/** What the cluster did, whatever the harness did. */
const CLUSTERS_DOING: ReadonlySet<ReasonCode> = new Set([
  'guarantee-violated',
  'broker-died',
  'stuck-partition',
  'stuck-group',
]);

export function assess(judged: Judged): Assessment {
  const wrong = violation(judged);
  if (wrong !== null) return { outcome: 'breaks', why: wrong };
  const late = judged.result.reasons.find(({ code }) => code === 'generator-bound');
  const slow = stopped(judged) ?? tooSlow(judged) ?? fellBehind(judged);
  const limit = busyWorker(judged) ?? (slow === null ? late?.message : slowAnyway(judged, late));
  if (slow === null && judged.result.verdict === 'pass') return { outcome: 'holds', why: null };
  const noise = noisyNeighbours(judged);
  if (noise !== null) return { outcome: 'disturbed', why: noise };
  if (limit !== null && limit !== undefined) return { outcome: 'void', why: limit };
  if (slow !== null) return { outcome: 'breaks', why: slow };
  const doubt = judged.result.reasons.find(({ code }) => code !== 'expectation-unknown');
  const unsure = judged.result.expectations.find(({ verdict }) => verdict === 'unknown');
  const why = doubt?.message ?? `${unsure?.expression}: ${unsure?.note}`;
  return { outcome: 'void', why };
}

/** What no machine's slowness explains: lost records, a dead broker, an expectation about what was delivered. */
function violation({ result, scenario }: Judged): string | null {
  const reason = result.reasons.find(({ code }) => CLUSTERS_DOING.has(code));
  if (reason !== undefined) return reason.message;
  const failed = result.expectations.find(
    ({ verdict }, i) => verdict === 'fail' && !isLatency(scenario.expect[i]),
  );
  return failed === undefined ? null : missed(failed);
}

const missed = ({ expression, actual, unit }: Result['expectations'][number]): string =>
  `${expression}: was ${inUnit(actual, unit)}`;

const latencyOf = (expectation: Expectation | undefined) =>
  expectation !== undefined && isMetricName(expectation.metric)
    ? percentileOf(expectation.metric)
    : undefined;

const isLatency = (expectation: Expectation | undefined): boolean =>
  latencyOf(expectation) !== undefined;

/** What the scenario takes for hopeless (`abort-on`), whether the run may be believed or not. */
const stopped = ({ result }: Judged): string | null =>
  result.reasons.find(({ code }) => code === 'stopped-early')?.message ?? null;

/** A latency that is over its limit, whether the run may be believed or not. */
function tooSlow({ scenario, result }: Judged): string | null {
  const over = result.expectations.find(
    ({ actual }, i) => isLatency(scenario.expect[i]) && isOver(scenario.expect[i], actual),
  );
  return over === undefined ? null : missed(over);
}

const isOver = (expectation: Expectation | undefined, actual: number | null): boolean => {
  if (expectation === undefined || actual === null) return false;
  const { comparison, value } = expectation;
  if (comparison === '<') return actual >= value;
  return comparison === '<=' && actual > value;
};

/** Answers, or readers, that could not follow what was offered. */
function fellBehind({ scenario, measures, result }: Judged): string | null {
  const unanswered = result.reasons.find(({ code }) => code === 'unanswered-sends');
  if (unanswered !== undefined) return unanswered.message;
  const window = measures.windows.find(({ window: name }) => name === 'measure');
  const { allProduce: all = null, loads = {} } = window ?? {};
  if (all === null) return null;
  const offeredPerSecond = all.offered / all.seconds;
  if ((all.ratePerSecond ?? 0) < offeredPerSecond * KEPT_UP) {
    return `only ${ratio(all.ratePerSecond, offeredPerSecond)} of what was offered was acknowledged meanwhile`;
  }
  for (const { kind, name, topic } of scenario.load) {
    if (kind !== 'consume') continue;
    const written = scenario.load
      .filter((one) => one.kind === 'produce' && one.topic === topic)
      .reduce((sum, one) => sum + (loads[one.name]?.ratePerSecond ?? 0), 0);
    const read = loads[name]?.ratePerSecond ?? 0;
    if (read < written * KEPT_UP) {
      return `${name} was handed only ${ratio(read, written)} of what was written meanwhile`;
    }
  }
  return null;
}

const ratio = (part: number | null, whole: number): string => share((part ?? 0) / whole);

/** Null: no worker was at its limit. */
function busyWorker({ scenario, measures }: Judged): string | null {
  const loads = measures.windows.find(({ window }) => window === 'measure')?.loads ?? {};
  for (const { name, workers } of scenario.load) {
    const used = coresOf(loads[name]);
    if (used === null || used / workers < BUSY) continue;
    const each = workers === 1 ? 'the worker' : `each of the ${workers} workers`;
    return `${each} of ${name} was ${share(used / workers)} busy; more \`workers\` may carry more`;
  }
  return null;
}

/** Others took so much of the machine that what was slow may have been slow by them. Null: they did not. */
function noisyNeighbours({ measures }: Judged): string | null {
  const use = measures.windows.find(({ window }) => window === 'measure')?.processors;
  const others = neighbours(use);
  return others === null
    ? null
    : `others used ${others.toFixed(1)} of the machine's ${use?.cores} cores meanwhile`;
}

/** Cores that a load's workers used; null when nothing was counted. */
export const coresOf = (load: LoadMeasures | undefined): number | null =>
  load?.cpuSecondsPerMillion == null || load.ratePerSecond === null
    ? null
    : (load.cpuSecondsPerMillion * load.ratePerSecond) / 1e6;

/**
 * The harness was late, and the cluster was slow: null when the time between a request written and its answer is over
 * the limit by itself, since that is the cluster's alone. Else why nothing can be said.
 */
function slowAnyway(
  { scenario, measures }: Judged,
  late: { readonly message: string } | undefined,
): string | null {
  if (late === undefined) return null;
  const alone = scenario.expect.some((expectation) => {
    const latency = latencyOf(expectation);
    if (latency === undefined || latency.latency !== 'ack') return false;
    const window = measures.windows.find((one) => one.window === windowName(expectation));
    const of = expectation.of === null ? window?.allProduce : window?.loads[expectation.of];
    return isOver(expectation, of?.latency.service?.[latency.statistic] ?? null);
  });
  return alone ? null : late.message;
}

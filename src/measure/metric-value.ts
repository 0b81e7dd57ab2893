/** The value of every metric of the table in scenario/metrics.ts; the compiler asks for the missing ones. */
import { isMetricName, type PlainMetricName, percentileOf } from '../scenario/metrics.ts';
import type { Expectation } from '../scenario/scenario.ts';
import type { FaultMeasures, LoadMeasures, Measures } from './measures.ts';
import { duringName } from './windows.ts';

/** What became of records, as counted by `verify`; null where nothing was sent, or nothing was audited. */
export type RecordNumbers = Readonly<
  Record<
    'acknowledged' | 'failed' | 'unknown' | 'read' | 'lost' | 'duplicated' | 'reordered',
    number | null
  >
>;
export type GroupNumbers = {
  readonly redelivered: number | null;
  readonly skipped: number | null;
  readonly lagAtEnd: number | null;
};
export type TransactionNumbers = { readonly committed: number; readonly aborted: number };
export type RelayNumbers = Readonly<Record<'lost' | 'duplicated' | 'imbalance', number | null>>;
export type DeliveryNumbers = {
  readonly total: RecordNumbers;
  readonly byLoad: Readonly<Record<string, RecordNumbers>>;
  /** By the name of the consuming load. */
  readonly groups: Readonly<Record<string, GroupNumbers>>;
  /** By load, of those that send in transactions. */
  readonly transactions: Readonly<Record<string, TransactionNumbers>>;
  /** By load, of those that relay. */
  readonly relays: Readonly<Record<string, RelayNumbers>>;
};

type Question = {
  readonly measures: Measures;
  readonly delivery: DeliveryNumbers;
  readonly expectation: Expectation;
};
type Answer = (question: Question) => number | null;

/** In the metric's canonical unit; null when there were no samples. */
export function metricValue(
  measures: Measures,
  delivery: DeliveryNumbers,
  expectation: Expectation,
): number | null {
  const question = { measures, delivery, expectation };
  const { metric } = expectation;
  if (!isMetricName(metric)) throw new Error(`no metric is called ${metric}`);
  const percentile = percentileOf(metric);
  if (percentile === undefined) return PLAIN[metric as PlainMetricName](question);
  const { statistic, latency } = percentile;
  return (
    loadOf(question, latency === 'e2e' ? 'consume' : 'produce')?.latency[latency]?.[statistic] ??
    null
  );
}

/** The window an expectation is about, by its name in `Measures.windows`. */
export function windowName({ window }: Expectation): string {
  if (window.kind === 'phase') return window.phase;
  return window.kind === 'during' ? duringName(window.fault) : 'measure';
}

const counted =
  (name: keyof RecordNumbers): Answer =>
  ({ delivery, expectation }) =>
    (expectation.of === null ? delivery.total : delivery.byLoad[expectation.of])?.[name] ?? null;

/** Over the whole run from the ledger; in a window from its seconds. */
const outcome =
  (name: 'acknowledged' | 'failed' | 'unknown'): Answer =>
  (question) =>
    question.expectation.window.kind === 'default'
      ? counted(name)(question)
      : (loadOf(question, 'produce')?.[name] ?? null);

const grouped =
  (name: keyof GroupNumbers): Answer =>
  ({ delivery, expectation }) => {
    const groups = Object.entries(delivery.groups)
      .filter(([load]) => expectation.of === null || load === expectation.of)
      .map(([, numbers]) => numbers[name]);
    return groups.length === 0 || groups.includes(null)
      ? null
      : groups.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };

const ended =
  (name: keyof TransactionNumbers): Answer =>
  ({ delivery, expectation }) => {
    const loads = Object.entries(delivery.transactions).filter(
      ([load]) => expectation.of === null || load === expectation.of,
    );
    return loads.length === 0 ? null : loads.reduce((sum, [, one]) => sum + one[name], 0);
  };

const relayed =
  (name: keyof RelayNumbers): Answer =>
  ({ delivery, expectation }) => {
    const numbers = Object.entries(delivery.relays)
      .filter(([load]) => expectation.of === null || load === expectation.of)
      .map(([, one]) => one[name]);
    return numbers.length === 0 || numbers.includes(null)
      ? null
      : numbers.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
  };

const performance =
  (kind: 'produce' | 'consume', name: 'ratePerSecond' | 'bytesPerSecond' | 'errorShare'): Answer =>
  (question) =>
    loadOf(question, kind)?.[name] ?? null;

const ofFault =
  (name: keyof FaultMeasures & `${string}Ms`): Answer =>
  ({ measures, expectation: { window } }) =>
    window.kind === 'after' || window.kind === 'during'
      ? (measures.faults.find((fault) => fault.name === window.fault)?.[name] ?? null)
      : null;

/** The longest; null where one never caught up. */
const caughtUp: Answer = ({ measures: { catchUps }, expectation: { of } }) => {
  const times = Object.entries(catchUps).flatMap(([load, one]) =>
    of === null || load === of ? [one?.catchUpMs ?? null] : [],
  );
  return times.length === 0 || times.includes(null)
    ? null
    : Math.max(...times.map((ms) => ms ?? 0));
};

function loadOf(
  { measures, expectation }: Question,
  kind: 'produce' | 'consume',
): LoadMeasures | null {
  const name = windowName(expectation);
  const window = measures.windows.find((one) => one.window === name);
  if (window === undefined) return null;
  if (expectation.of !== null) return window.loads[expectation.of] ?? null;
  return kind === 'produce' ? window.allProduce : window.allConsume;
}

const PLAIN: { readonly [M in PlainMetricName]: Answer } = {
  lost: counted('lost'),
  duplicated: counted('duplicated'),
  reordered: counted('reordered'),
  read: counted('read'),
  acknowledged: outcome('acknowledged'),
  failed: outcome('failed'),
  unknown: outcome('unknown'),
  committed: ended('committed'),
  aborted: ended('aborted'),
  skipped: grouped('skipped'),
  redelivered: grouped('redelivered'),
  lag: grouped('lagAtEnd'),
  unrelayed: relayed('lost'),
  doubled: relayed('duplicated'),
  imbalance: relayed('imbalance'),
  rate: performance('produce', 'ratePerSecond'),
  throughput: performance('produce', 'bytesPerSecond'),
  received: performance('consume', 'ratePerSecond'),
  errors: performance('produce', 'errorShare'),
  'catch-up': caughtUp,
  unavailable: ofFault('unavailableMs'),
  recovery: ofFault('recoveryMs'),
};

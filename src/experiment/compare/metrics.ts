/** What is compared: one value per run and metric, from what was measured in `measure`. */
import type { LoadMeasures, Measures, Percentiles } from '../../measure/measures.ts';
import type { MetricUnit } from '../../scenario/metrics.ts';

/** CPU time per record has no unit in the metric table: microseconds, as there is no smaller one worth reading. */
export type ComparedUnit = MetricUnit | 'us-per-record';

export type ComparedMetric = {
  readonly name: string;
  readonly unit: ComparedUnit;
  readonly better: 'higher' | 'lower';
};

/** Null: this run has no such value. */
export type RunValues = Readonly<Record<string, number | null>>;

type Sight = {
  readonly produce: LoadMeasures | null;
  readonly consume: LoadMeasures | null;
  /** Cores that the brokers used. */
  readonly brokers: number | null;
};

const QUANTILES = ['p50', 'p90', 'p99', 'p999'] as const;

type Value = (sight: Sight) => number | null;

const latency =
  (of: 'produce' | 'consume', name: 'ack' | 'e2e', quantile: keyof Percentiles): Value =>
  (sight) =>
    sight[of]?.latency[name]?.[quantile] ?? null;

const latencies = (of: 'produce' | 'consume', name: 'ack' | 'e2e') =>
  QUANTILES.map((quantile): [string, Value] => [
    `${quantile}(${name})`,
    latency(of, name, quantile),
  ]);

const VALUES = new Map<string, Value>([
  ['rate', ({ produce }) => produce?.ratePerSecond ?? null],
  ['received', ({ consume }) => consume?.ratePerSecond ?? null],
  ...latencies('produce', 'ack'),
  ...latencies('consume', 'e2e'),
  // CPU seconds per million records are microseconds per record.
  ['cpu(producers)', ({ produce }) => produce?.cpuSecondsPerMillion ?? null],
  ['cpu(consumers)', ({ consume }) => consume?.cpuSecondsPerMillion ?? null],
  ['cpu(brokers)', brokersPerRecord],
]);

function brokersPerRecord({ brokers, produce, consume }: Sight): number | null {
  const perSecond = (produce ?? consume)?.ratePerSecond ?? null;
  return brokers === null || perSecond === null ? null : (brokers / perSecond) * 1e6;
}

/** What a comparison is for, unless somebody says otherwise: it goes on until these are decided. */
export const DECIDING = ['rate', 'p50(ack)', 'p99(ack)', 'cpu(producers)'] as const;

/** Faults bring one of their own each, `recovery(NAME)`. */
export const METRIC_NAMES: readonly string[] = [...VALUES.keys()];

const RECOVERY = /^recovery\(.+\)$/;

export const isComparable = (name: string): boolean => VALUES.has(name) || RECOVERY.test(name);

export function metricOf(name: string): ComparedMetric {
  if (name === 'rate' || name === 'received') return { name, unit: 'per-second', better: 'higher' };
  return { name, unit: name.startsWith('cpu(') ? 'us-per-record' : 'ms', better: 'lower' };
}

export function valuesOf({ windows, faults }: Measures): RunValues {
  const measure = windows.find(({ window }) => window === 'measure');
  const sight: Sight = {
    produce: measure?.allProduce ?? null,
    consume: measure?.allConsume ?? null,
    brokers: measure?.processors?.brokers ?? null,
  };
  return Object.fromEntries([
    ...[...VALUES].map(([name, value]) => [name, positive(value(sight))]),
    ...faults.map(({ name, recoveryMs }) => [`recovery(${name})`, positive(recoveryMs)]),
  ]);
}

/** Only what has a logarithm can be compared as a ratio. */
const positive = (value: number | null): number | null =>
  value !== null && value > 0 ? value : null;

/** Metrics that some run has; what no run has was not asked of it. */
export function metricsIn(
  base: readonly RunValues[],
  candidate: readonly RunValues[],
): readonly ComparedMetric[] {
  const has = (runs: readonly RunValues[], name: string): boolean =>
    runs.some((values) => (values[name] ?? null) !== null);
  const names = new Set([...base, ...candidate].flatMap((values) => Object.keys(values)));
  return [...names].filter((name) => has(base, name) || has(candidate, name)).map(metricOf);
}

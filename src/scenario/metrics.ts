/**
 * The metric table: every number an expectation may ask for. What a name means, its unit, and which loads and
 * windows it can be asked of. Adding a metric is one line here; the compiler then asks `measure` for the rest.
 */

/** Canonical units of values: milliseconds, records per second, bytes per second, 0…1. */
export type MetricUnit = 'count' | 'ms' | 'per-second' | 'bytes-per-second' | 'share';

export type MetricSpec = {
  /** `delivery`: what became of records; `performance`: how fast; `fault`: what one fault did. */
  readonly kind: 'delivery' | 'performance' | 'fault';
  readonly unit: MetricUnit;
  readonly summary: string;
  /** Which loads `of` may name; `none` when the metric belongs to the cluster as a whole. */
  readonly of: 'produce' | 'consume' | 'any' | 'none';
  /** `whole`: no window, it counts from warm-up to drain. `any`: phases and `during`. `after`: needs `after FAULT`. */
  readonly window: 'whole' | 'any' | 'after';
  /** Measured from the intended time, which `rate: max` does not have. */
  readonly intended: boolean;
};

const counted = (of: 'produce' | 'consume', summary: string): MetricSpec => ({
  kind: 'delivery',
  unit: 'count',
  summary,
  of,
  window: 'whole',
  intended: false,
});

const outcome = (summary: string): MetricSpec => ({
  ...counted('produce', summary),
  window: 'any',
});

const performance = (
  unit: MetricUnit,
  of: MetricSpec['of'],
  summary: string,
  intended = false,
): MetricSpec => ({ kind: 'performance', unit, summary, of, window: 'any', intended });

const ofFault = (summary: string): MetricSpec => ({
  kind: 'fault',
  unit: 'ms',
  summary,
  of: 'none',
  window: 'after',
  intended: false,
});

const PLAIN_METRICS = {
  lost: counted(
    'produce',
    'acknowledged records that are not in the log and whose absence nothing explains',
  ),
  duplicated: counted('produce', 'extra copies of records in the log'),
  reordered: counted(
    'produce',
    'records that stand in the log behind a later one of their producer',
  ),
  read: counted('produce', 'distinct records found in the log by the audit'),
  acknowledged: outcome('records acknowledged with acks of 1 or all'),
  failed: outcome('records the client reported as not written'),
  unknown: outcome('records whose fate the client could not tell'),
  committed: counted('produce', 'transactions that were committed, as far as their producers know'),
  aborted: counted('produce', 'transactions that were aborted, on purpose or not'),
  skipped: counted(
    'consume',
    'records in the log that the group passed over without delivering them',
  ),
  redelivered: counted('consume', 'records delivered to the group more than once'),
  lag: counted('consume', 'records the group was behind the end of the log when the run ended'),
  unrelayed: counted('consume', 'outputs of a relay that are missing at the end of the run'),
  doubled: counted('consume', 'outputs of a relay that its readers see more than once'),
  imbalance: counted(
    'consume',
    'what all accounts together are off zero by, in cents, where a relay makes transfers',
  ),
  rate: performance('per-second', 'produce', 'acknowledged records per second'),
  throughput: performance('bytes-per-second', 'produce', 'acknowledged value bytes per second'),
  received: performance('per-second', 'consume', 'records per second handed to consumers'),
  errors: performance(
    'share',
    'produce',
    'failed records as a share of all that were answered or given up',
  ),
  'catch-up': {
    ...counted(
      'consume',
      'from the `start` of a group to the first second by which it had been handed what was in the log when that second began',
    ),
    unit: 'ms',
  },
  unavailable: ofFault(
    'the longest time without an acknowledgement on any partition that was offered traffic, during the fault or its recovery',
  ),
  recovery: ofFault('from healing to the first of five good seconds in a row'),
} as const satisfies Readonly<Record<string, MetricSpec>>;

const STATISTICS = {
  p50: 'the median',
  p90: 'the 90th percentile',
  p95: 'the 95th percentile',
  p99: 'the 99th percentile',
  p999: 'the 99.9th percentile',
  max: 'the largest',
  mean: 'the mean',
} as const;

const LATENCIES = {
  ack: {
    of: 'produce',
    intended: true,
    means: 'time from intended to acknowledged (response time)',
  },
  queue: {
    of: 'produce',
    intended: false,
    means: 'time from offered to written (waiting in the client)',
  },
  service: {
    of: 'produce',
    intended: false,
    means: 'time from written to acknowledged (the cluster)',
  },
  lateness: { of: 'produce', intended: true, means: 'time from intended to offered (the harness)' },
  e2e: { of: 'consume', intended: true, means: 'time from intended to handed to a consumer' },
} as const satisfies Readonly<
  Record<string, { of: 'produce' | 'consume'; intended: boolean; means: string }>
>;

export type StatisticName = keyof typeof STATISTICS;
export type LatencyMetric = keyof typeof LATENCIES;
export type PlainMetricName = keyof typeof PLAIN_METRICS;
/** Such as `p99(ack)`. */
export type PercentileName = `${StatisticName}(${LatencyMetric})`;
export type MetricName = PlainMetricName | PercentileName;

const percentiles = Object.entries(LATENCIES).flatMap(([latency, { of, intended, means }]) =>
  Object.entries(STATISTICS).map(([statistic, words]): [string, MetricSpec] => [
    `${statistic}(${latency})`,
    performance('ms', of, `${words} of the ${means}`, intended),
  ]),
);

export const METRICS = Object.freeze({
  ...PLAIN_METRICS,
  ...Object.fromEntries(percentiles),
}) as Readonly<Record<MetricName, MetricSpec>>;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

export const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

/** `p99(ack)` → its statistic and latency; undefined for every other metric. */
export function percentileOf(
  name: MetricName,
): { readonly statistic: StatisticName; readonly latency: LatencyMetric } | undefined {
  const [, statistic, latency] = /^(\w+)\((\w+)\)$/.exec(name) ?? [];
  return statistic === undefined
    ? undefined
    : { statistic: statistic as StatisticName, latency: latency as LatencyMetric };
}

/**
 * A finished run in the result format of OpenMessaging Benchmark, so that it can be set beside published ones. Its publish
 * latency begins when its generator gets to send; ours (`ack`) begins when the record was meant to be sent, so that what
 * OMB tells apart as publish delay is in both here. Latencies are milliseconds, publish delays microseconds; what has no
 * samples is null.
 */
import {
  createHistogram,
  type Histogram,
  type LatencyMetric,
  percentileMs,
  readHistograms,
} from '../../evidence/histograms.ts';
import type { RunEvidence } from '../../evidence/read-run.ts';
import { inputError } from '../../lib/errors.ts';
import type { Measures } from '../../measure/measures.ts';
import type { ConsumeLoad, ProduceLoad, Scenario } from '../../scenario/scenario.ts';

export type OmbResult = Readonly<Record<string, unknown>>;

/** OMB tells of itself every ten seconds, and what is left at the end belongs to no period. */
const PERIOD_S = 10;

const POINTS = [
  ['50pct', 50],
  ['75pct', 75],
  ['95pct', 95],
  ['99pct', 99],
  ['999pct', 99.9],
  ['9999pct', 99.99],
  ['99999pct', 99.999],
] as const;

type Family = { readonly name: string; readonly metric: LatencyMetric; readonly scale: number };
const FAMILIES: readonly Family[] = [
  { name: 'PublishLatency', metric: 'ack', scale: 1 },
  { name: 'PublishDelayLatency', metric: 'lateness', scale: 1000 },
  { name: 'EndToEndLatency', metric: 'e2e', scale: 1 },
];

/** Throws an input error for a run that OMB has no words for, and for one without a whole second of `measure`. */
export function toOmbResult(
  scenario: Scenario,
  evidence: Pick<RunEvidence, 'histograms'>,
  measures: Measures,
): OmbResult {
  const shape = shapeOf(scenario);
  const window = measures.windows.find((one) => one.window === 'measure');
  const seconds = Math.floor(window?.allProduce?.seconds ?? 0);
  if (seconds < 1) throw refused('the run has no whole second of `measure`');
  const periods = Math.max(1, Math.floor(seconds / PERIOD_S));
  const lengthS = Math.min(PERIOD_S, seconds);
  const latencies = histogramsBy(evidence.histograms, seconds, lengthS, periods);
  return {
    ...shape,
    ...ratesOf(measures, { lengthS, periods, subscriptions: subscriptionsOf(scenario) }),
    ...Object.assign({}, ...FAMILIES.map((family) => perPeriod(family, latencies, periods))),
    ...Object.assign({}, ...FAMILIES.map((family) => aggregated(family, latencies))),
  };
}

const refused = (message: string) =>
  inputError('omb.unlike', message, 'result.json tells of every run: use --json');

const producers = ({ load }: Scenario): readonly ProduceLoad[] =>
  load.filter((one) => one.kind === 'produce');
const consumers = ({ load }: Scenario): readonly ConsumeLoad[] =>
  load.filter((one) => one.kind === 'consume');

/** OMB's topics are all alike. */
function shapeOf(scenario: Scenario): OmbResult {
  const written = [...new Set(producers(scenario).map(({ topic }) => topic))];
  if (written.length === 0) throw refused('nothing is produced in this run, and OMB always does');
  const total = (of: (topic: string) => number, what: string): number => {
    const [first = 0, ...others] = written.map(of);
    if (others.some((one) => one !== first)) {
      throw refused(`OMB's topics are alike, and these differ in their ${what}`);
    }
    return first;
  };
  const sizes = producers(scenario).map(({ size }) =>
    Math.round(size.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0)),
  );
  if (new Set(sizes).size > 1) throw refused("OMB's records are alike, and these differ in size");
  const clients = new Set(scenario.load.map(({ client }) => client));
  return {
    workload: scenario.name,
    driver: `ordeal (${[...clients].sort().join(', ')})`,
    messageSize: sizes[0],
    topics: written.length,
    partitions: total((topic) => scenario.topics[topic]?.partitions ?? 0, 'partitions'),
    producersPerTopic: total(
      (topic) => sum(producers(scenario), topic, (load) => load.producers),
      'producers',
    ),
    consumersPerTopic: total((topic) => {
      const groups = consumers(scenario).filter((load) => load.topic === topic);
      const members = new Set(groups.map((load) => load.consumers));
      if (members.size > 1) throw refused("OMB's groups are alike, and these differ in size");
      return groups[0]?.consumers ?? 0;
    }, 'consumers'),
  };
}

const sum = <L extends { readonly topic: string }>(
  loads: readonly L[],
  topic: string,
  of: (load: L) => number,
): number => loads.reduce((total, load) => total + (load.topic === topic ? of(load) : 0), 0);

/** By topic: how many groups read it. */
const subscriptionsOf = (scenario: Scenario): ReadonlyMap<string, number> =>
  new Map(
    producers(scenario).map(({ name, topic }) => [name, sum(consumers(scenario), topic, () => 1)]),
  );

type Periods = {
  readonly lengthS: number;
  readonly periods: number;
  readonly subscriptions: ReadonlyMap<string, number>;
};

function ratesOf({ seconds }: Measures, { lengthS, periods, subscriptions }: Periods): OmbResult {
  const rates = Array.from({ length: periods }, (_, period) => {
    const from = period * lengthS;
    const rows = seconds.filter(({ second }) => second >= from && second < from + lengthS);
    const perSecond = (key: 'ackedNow' | 'failedNow' | 'received'): number =>
      rows.reduce((total, row) => total + row[key], 0) / lengthS;
    const owed = seconds
      .filter(({ second }) => second < from + lengthS)
      .reduce(
        (total, row) => total + row.ackedNow * (subscriptions.get(row.load) ?? 0) - row.received,
        0,
      );
    return {
      publishRate: perSecond('ackedNow'),
      publishErrorRate: perSecond('failedNow'),
      consumeRate: perSecond('received'),
      backlog: Math.max(0, owed),
    };
  });
  const column = (key: keyof (typeof rates)[number]): number[] => rates.map((rate) => rate[key]);
  return {
    publishRate: column('publishRate'),
    publishErrorRate: column('publishErrorRate'),
    consumeRate: column('consumeRate'),
    backlog: column('backlog'),
  };
}

/** By metric: those of each period, and at the end that of all. */
type Latencies = ReadonlyMap<LatencyMetric, readonly Histogram[]>;

function histogramsBy(
  path: string | null,
  seconds: number,
  lengthS: number,
  periods: number,
): Latencies {
  const empty = (): Histogram[] => Array.from({ length: periods + 1 }, createHistogram);
  const by = new Map<LatencyMetric, Histogram[]>(FAMILIES.map(({ metric }) => [metric, empty()]));
  if (path === null) return by;
  readHistograms(path, (_, metric, second, histogram) => {
    const found = by.get(metric);
    if (found === undefined || second < 0 || second >= seconds) return;
    found[periods]?.add(histogram);
    const period = Math.floor(second / lengthS);
    if (period < periods) found[period]?.add(histogram);
  });
  return by;
}

type Figure = readonly [suffix: string, of: (histogram: Histogram) => number];
const FIGURES: readonly Figure[] = [
  ['Avg', ({ mean }) => mean / 1000],
  ...POINTS.map(
    ([suffix, point]): Figure => [suffix, (histogram) => percentileMs(histogram, point)],
  ),
  ['Max', ({ maxValue }) => maxValue / 1000],
];

const figureOf = (histogram: Histogram | undefined, scale: number, of: Figure[1]): number | null =>
  histogram === undefined || histogram.totalCount === 0 ? null : of(histogram) * scale;

function perPeriod({ name, metric, scale }: Family, latencies: Latencies, periods: number) {
  const first = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  const histograms = (latencies.get(metric) ?? []).slice(0, periods);
  return Object.fromEntries(
    FIGURES.map(([suffix, of]) => [
      `${first}${suffix}`,
      histograms.map((histogram) => figureOf(histogram, scale, of)),
    ]),
  );
}

function aggregated({ name, metric, scale }: Family, latencies: Latencies) {
  const histogram = latencies.get(metric)?.at(-1);
  const figures = FIGURES.map(([suffix, of]) => [
    `aggregated${name}${suffix}`,
    figureOf(histogram, scale, of),
  ]);
  const quantiles = POINTS.flatMap(([, point]) => {
    const value = figureOf(histogram, scale, (one) => percentileMs(one, point));
    return value === null ? [] : [[String(point), value]];
  });
  return {
    ...Object.fromEntries(figures),
    [`aggregated${name}Quantiles`]: Object.fromEntries(quantiles),
  };
}

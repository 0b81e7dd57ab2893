/**
 * The conditions of `abort-on` against the figures of each second while the run goes on. Rates, shares and latencies are
 * of what came since the last look, counts of all since their window began, lag as last seen. A second without a figure
 * neither counts nor breaks a row of seconds.
 */
import type { RunEvent } from '../evidence/events.ts';
import {
  type Histogram,
  histogramOfLine,
  mergeHistograms,
  summarize,
} from '../evidence/histograms.ts';
import type { ClusterSample, LoadSecond } from '../evidence/series.ts';
import type { AbortCondition } from '../scenario/abort-on.ts';
import {
  isMetricName,
  type LatencyMetric,
  type MetricName,
  percentileOf,
} from '../scenario/metrics.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { compare } from '../verify/expectations.ts';

export type Trigger = { readonly condition: AbortCondition; readonly value: number };

const NOTHING = {
  acknowledged: 0,
  failed: 0,
  unknown: 0,
  ackedNow: 0,
  ackedBytesNow: 0,
  received: 0,
} as const satisfies Partial<LoadSecond>;
type Counts = Record<keyof typeof NOTHING, number>;
const COUNTS = Object.keys(NOTHING) as (keyof Counts)[];

const none = (): Counts => ({ ...NOTHING });

/** What became of a condition so far. */
type Standing = {
  readonly condition: AbortCondition;
  readonly metric: MetricName;
  /** In its window at the last look. */
  active: boolean;
  /** Since its window began; for metrics that count. */
  counted: Counts;
  heldSeconds: number;
};

export class AbortWatch {
  readonly #scenario: Scenario;
  readonly #standings: readonly Standing[];
  /** Those that a condition asks for. */
  readonly #latencies: ReadonlySet<LatencyMetric>;
  readonly #lags = new Map<string, number>();
  /** Names of phases and faults in force. */
  readonly #inForce = new Set<string>();
  #counts = new Map<string, Counts>();
  #histograms: { load: string; metric: LatencyMetric; histogram: Histogram }[] = [];
  #lookedUs: number | null = null;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#standings = scenario.abortOn.map((condition) => {
      const { metric } = condition;
      if (!isMetricName(metric)) throw new Error(`no metric is called ${metric}`);
      return { condition, metric, active: false, counted: none(), heldSeconds: 0 };
    });
    this.#latencies = new Set(
      this.#standings.flatMap(({ metric }) => percentileOf(metric)?.latency ?? []),
    );
  }

  readonly second = (line: LoadSecond): void => {
    const counts = this.#counts.get(line.load) ?? none();
    for (const key of COUNTS) counts[key] += line[key] ?? 0;
    this.#counts.set(line.load, counts);
  };

  /** A line of the log of histograms. */
  readonly histogram = (line: string): void => {
    if (this.#latencies.size === 0) return;
    const found = histogramOfLine(line, this.#latencies);
    if (found !== null) this.#histograms.push(found);
  };

  readonly sample = (sample: ClusterSample): void => {
    if (sample.type === 'lag') this.#lags.set(sample.group, sample.lag);
  };

  readonly event = (event: RunEvent): void => {
    if (event.type === 'phase-started') this.#inForce.add(event.phase);
    else if (event.type === 'phase-ended') this.#inForce.delete(event.phase);
    else if (event.type === 'fault-injected') this.#inForce.add(event.fault);
    else if (event.type === 'fault-healing') this.#inForce.delete(event.fault);
  };

  /** Called once a second; the first condition that held for as long as it says. */
  look(nowUs: number): Trigger | null {
    const seconds = this.#lookedUs === null ? null : (nowUs - this.#lookedUs) / 1e6;
    this.#lookedUs = nowUs;
    const triggers = this.#standings.flatMap((standing) => this.#judge(standing, seconds) ?? []);
    this.#counts = new Map();
    this.#histograms = [];
    return triggers[0] ?? null;
  }

  #judge(standing: Standing, seconds: number | null): Trigger | null {
    const { condition } = standing;
    const before = standing.active;
    standing.active = this.#inForce.has(windowOf(condition));
    // A second that began outside of the window tells of both.
    if (!before || !standing.active || seconds === null) {
      standing.heldSeconds = 0;
      standing.counted = none();
      return null;
    }
    for (const key of COUNTS) standing.counted[key] += this.#sum(condition.of, key);
    const value = this.#value(standing, seconds);
    if (value === null) return null;
    const holds = compare(value, condition.comparison, condition.value);
    standing.heldSeconds = holds ? standing.heldSeconds + 1 : 0;
    return standing.heldSeconds * 1000 >= condition.forMs ? { condition, value } : null;
  }

  #value({ condition: { of }, metric, counted }: Standing, seconds: number): number | null {
    const percentile = percentileOf(metric);
    if (percentile !== undefined) return this.#percentile(of, percentile);
    switch (metric) {
      case 'rate':
        return this.#sum(of, 'ackedNow') / seconds;
      case 'throughput':
        return this.#sum(of, 'ackedBytesNow') / seconds;
      case 'received':
        return this.#sum(of, 'received') / seconds;
      case 'errors':
        return this.#errors(of);
      case 'lag':
        return this.#lag(of);
      case 'acknowledged':
      case 'failed':
      case 'unknown':
        return counted[metric];
      default:
        throw new Error(`${metric} is not known while a run goes on`);
    }
  }

  #sum(of: string | null, key: keyof Counts): number {
    if (of !== null) return this.#counts.get(of)?.[key] ?? 0;
    return [...this.#counts.values()].reduce((sum, counts) => sum + counts[key], 0);
  }

  #errors(of: string | null): number | null {
    const [acknowledged, failed, unknown] = (['acknowledged', 'failed', 'unknown'] as const).map(
      (key) => this.#sum(of, key),
    ) as [number, number, number];
    const answered = acknowledged + failed + unknown;
    return answered === 0 ? null : failed / answered;
  }

  #percentile(
    of: string | null,
    { statistic, latency }: NonNullable<ReturnType<typeof percentileOf>>,
  ): number | null {
    const asked = this.#histograms.filter(
      ({ load, metric }) => metric === latency && (of === null || load === of),
    );
    const merged = mergeHistograms(asked.map(({ histogram }) => histogram));
    return summarize(merged)?.[statistic] ?? null;
  }

  /** Null until every group that is asked for was seen. */
  #lag(of: string | null): number | null {
    const groups = this.#scenario.load.flatMap((load) =>
      load.kind === 'consume' && (of === null || load.name === of) ? [load.group] : [],
    );
    const lags = [...new Set(groups)].map((group) => this.#lags.get(group) ?? null);
    return lags.includes(null) ? null : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0);
  }
}

/** Unqualified, it counts from the start of `measure`: the warm-up is a time of grace. */
function windowOf({ window }: AbortCondition): string {
  if (window.kind === 'phase') return window.phase;
  return window.kind === 'default' ? 'measure' : window.fault;
}

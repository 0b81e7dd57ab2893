/** Per-second lines and histograms of all workers, added up to one row per load and second. */
import {
  createHistogram,
  type Histogram,
  percentileMs,
  readHistograms,
} from '../evidence/histograms.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { LatencyName, SecondLatency, SecondMeasures } from './measures.ts';

const COUNTS = [
  'offered',
  'acknowledged',
  'failed',
  'unknown',
  'ackedNow',
  'ackedBytesNow',
  'failedNow',
  'retriesNow',
  'received',
  'receivedBytes',
  'cpuMicros',
] as const satisfies readonly (keyof LoadSecond)[];
const GAUGES = ['backlog', 'residentBytes'] as const satisfies readonly (keyof LoadSecond)[];

export type SecondTable = {
  readonly rows: readonly SecondMeasures[];
  /** Milliseconds: p99 of the response time of all produce loads together, by seconds of intended time. */
  readonly ackP99: (seconds: readonly number[]) => number | null;
  /** Every second's histograms, merged over workers. */
  readonly eachHistogram: (
    visit: (load: string, metric: LatencyName, second: number, histogram: Histogram) => void,
  ) => void;
};

export function secondTable(scenario: Scenario, evidence: RunEvidence): SecondTable {
  const histograms = collectHistograms(evidence);
  const lines = byLoadAndSecond(evidence.seconds);
  const seconds = [...new Set(evidence.seconds.map(({ second }) => second))].sort((a, b) => a - b);
  const rows = seconds.flatMap((second) =>
    scenario.load.flatMap(({ name, kind }) => {
      const found = lines.get(key(name, second));
      if (found === undefined) return [];
      const latency = (metric: LatencyName): SecondLatency | null =>
        brief(histograms.get(key(name, second, metric))?.histogram);
      return [
        {
          load: name,
          kind,
          second,
          ...addUp(found),
          latency: { ack: latency('ack'), lateness: latency('lateness'), e2e: latency('e2e') },
        },
      ];
    }),
  );
  const producers = scenario.load.filter(({ kind }) => kind === 'produce');
  const ackP99 = (over: readonly number[]): number | null => {
    const merged = createHistogram();
    for (const second of over) {
      for (const { name } of producers) {
        const found = histograms.get(key(name, second, 'ack'));
        if (found !== undefined) merged.add(found.histogram);
      }
    }
    return merged.totalCount === 0 ? null : percentileMs(merged, 99);
  };
  return {
    rows,
    ackP99,
    eachHistogram: (visit) => {
      for (const { load, metric, second, histogram } of histograms.values()) {
        visit(load, metric, second, histogram);
      }
    },
  };
}

function brief(histogram: Histogram | undefined): SecondLatency | null {
  if (histogram === undefined || histogram.totalCount === 0) return null;
  return {
    p50: percentileMs(histogram, 50),
    p99: percentileMs(histogram, 99),
    max: histogram.maxValue / 1000,
    count: histogram.totalCount,
  };
}

const key = (...parts: readonly (string | number)[]): string => parts.join('\n');

function byLoadAndSecond(lines: readonly LoadSecond[]): Map<string, LoadSecond[]> {
  const groups = new Map<string, LoadSecond[]>();
  for (const line of lines) {
    const at = key(line.load, line.second);
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [line]);
    else group.push(line);
  }
  return groups;
}

type SecondHistogram = {
  readonly load: string;
  readonly metric: LatencyName;
  readonly second: number;
  readonly histogram: Histogram;
};

function collectHistograms({ histograms: path }: RunEvidence): Map<string, SecondHistogram> {
  const merged = new Map<string, SecondHistogram>();
  if (path === null) return merged;
  readHistograms(path, (load, metric, second, histogram) => {
    const at = key(load, second, metric);
    const sum = merged.get(at);
    if (sum === undefined) merged.set(at, { load, metric, second, histogram });
    else sum.histogram.add(histogram);
  });
  return merged;
}

type Sums = Record<(typeof COUNTS)[number], number> &
  Record<(typeof GAUGES)[number], number | null>;

/** Counts add up over lines and workers; gauges over workers, of which the last line of the second counts. */
function addUp(lines: readonly LoadSecond[]): Sums {
  const sums = {} as Sums;
  for (const name of COUNTS) sums[name] = lines.reduce((sum, line) => sum + (line[name] ?? 0), 0);
  for (const name of GAUGES) {
    const last = new Map<number, number>();
    for (const line of lines) {
      const value = line[name];
      if (value !== undefined) last.set(line.worker, value);
    }
    sums[name] = last.size === 0 ? null : [...last.values()].reduce((sum, value) => sum + value, 0);
  }
  return sums;
}

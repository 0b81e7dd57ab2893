/** One load, or several together, over one window: counts from its seconds, percentiles from merged histograms. */
import {
  createHistogram,
  type Histogram,
  LATENCY_METRICS,
  summarize,
} from '../evidence/histograms.ts';
import type { LatencyName, LoadMeasures, Percentiles, SecondMeasures } from './measures.ts';

export type Latencies = Readonly<Partial<Record<LatencyName, Histogram>>>;

/** `rows` are of the window and of the loads; null when there is no such load. */
export function loadMeasures(
  kind: 'produce' | 'consume',
  rows: readonly SecondMeasures[],
  lengthS: number,
  latencies: readonly Latencies[],
): LoadMeasures {
  const sum = (pick: (row: SecondMeasures) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const acknowledged = sum((row) => row.acknowledged);
  const failed = sum((row) => row.failed);
  const unknown = sum((row) => row.unknown);
  const answered = acknowledged + failed + unknown;
  const records = sum((row) => (kind === 'produce' ? row.ackedNow : row.received));
  const bytes = sum((row) => (kind === 'produce' ? row.ackedBytesNow : row.receivedBytes));
  const perSecond = (amount: number): number | null =>
    rows.length === 0 || lengthS <= 0 ? null : amount / lengthS;
  return {
    seconds: lengthS,
    offered: sum((row) => row.offered),
    acknowledged,
    failed,
    unknown,
    received: sum((row) => row.received),
    ratePerSecond: perSecond(records),
    bytesPerSecond: perSecond(bytes),
    errorShare: answered === 0 ? null : failed / answered,
    latency: Object.fromEntries(
      LATENCY_METRICS.map((name) => [name, together(latencies, name)]),
    ) as Record<LatencyName, Percentiles | null>,
    cpuSecondsPerMillion: records === 0 ? null : sum((row) => row.cpuMicros) / records,
  };
}

function together(latencies: readonly Latencies[], name: LatencyName): Percentiles | null {
  const merged = createHistogram();
  for (const latency of latencies) {
    const histogram = latency[name];
    if (histogram !== undefined) merged.add(histogram);
  }
  return summarize(merged);
}

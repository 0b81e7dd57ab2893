/** Response time of every second: median, 99th percentile and the slowest, on a logarithmic axis. */
import type { SecondMeasures } from '../../measure/measures.ts';
import { type Frame, INK, latencyY, type Spec, seriesChart } from './frame.ts';

const STATISTICS = ['max', 'p99', 'p50'] as const;

/** One load; null when it has no samples. */
export function latencyChart(
  frame: Frame,
  seconds: readonly SecondMeasures[],
  load: string,
  metric: 'ack' | 'e2e',
): Spec | null {
  const rows = seconds.flatMap((row) => {
    const latency = row.load === load ? row.latency[metric] : null;
    return latency === null
      ? []
      : STATISTICS.map((series) => ({ second: row.second, series, value: latency[series] }));
  });
  if (rows.length === 0) return null;
  // A logarithmic axis has no zero; a microsecond is below anything a network does.
  const drawn = rows.map((row) => ({ ...row, value: Math.max(row.value, 0.001) }));
  const colours = { max: INK.bad, p99: INK.warn, p50: INK.acknowledged };
  return seriesChart(frame, drawn, colours, latencyY(drawn.map(({ value }) => value)));
}

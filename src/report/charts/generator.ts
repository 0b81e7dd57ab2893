/** Whether the harness kept up: how late it offered records, and the processors it used. */
import type { SecondMeasures } from '../../measure/measures.ts';
import { type Frame, INK, type Spec, seriesChart, valueY } from './frame.ts';
import { bySecond } from './throughput.ts';

/** null without samples. */
export function latenessChart(frame: Frame, seconds: readonly SecondMeasures[]): Spec | null {
  const rows = bySecond(seconds).flatMap(([second, loads]) => {
    const late = loads.flatMap(({ latency }) => latency.lateness ?? []);
    return late.length === 0
      ? []
      : [
          { second, series: 'max', value: Math.max(...late.map(({ max }) => max)) },
          { second, series: 'p99', value: Math.max(...late.map(({ p99 }) => p99)) },
        ];
  });
  const colours = { max: INK.bad, p99: INK.warn };
  return rows.length === 0 ? null : seriesChart(frame, rows, colours, valueY, 110);
}

/** null when the workers did not say. */
export function cpuChart(frame: Frame, seconds: readonly SecondMeasures[]): Spec | null {
  const rows = bySecond(seconds).map(([second, loads]) => ({
    second,
    series: 'load workers',
    value: loads.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) / 1e6,
  }));
  return rows.every(({ value }) => value === 0)
    ? null
    : seriesChart(frame, rows, { 'load workers': INK.received }, valueY, 110);
}

/** Whether the harness kept up: how late it offered records, and the processors it used. */
import type { RunEvidence } from '../../evidence/read-run.ts';
import type { SecondMeasures } from '../../measure/measures.ts';
import { processorSeconds } from '../../measure/processors.ts';
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

/** Brokers and neighbours too, where they are processes of this machine; null when nobody said anything. */
export function cpuChart(
  frame: Frame,
  seconds: readonly SecondMeasures[],
  evidence: Pick<RunEvidence, 'samples' | 'schedule'>,
): Spec | null {
  const workers = bySecond(seconds).map(([second, loads]) => ({
    second,
    series: 'load workers',
    value: loads.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0) / 1e6,
  }));
  const machine = processorSeconds(evidence).flatMap(({ second, sample }) => {
    const { wallMs, busyMs, brokersMs } = sample;
    const brokers = Object.values(brokersMs).reduce((sum, ms) => sum + ms, 0);
    return [
      { second, series: 'brokers', value: brokers / wallMs },
      { second, series: 'whole machine', value: busyMs / wallMs },
    ];
  });
  const rows = [...workers, ...machine];
  const colours = {
    'load workers': INK.received,
    brokers: INK.acknowledged,
    'whole machine': INK.warn,
  };
  return rows.every(({ value }) => value === 0)
    ? null
    : seriesChart(frame, rows, colours, valueY, 110);
}

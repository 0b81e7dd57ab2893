/** The percentile curve: how slow the slowest one in ten, in a hundred, in a thousand is, by window. */
import type { Curve } from '../../measure/measures.ts';
import { BROKER_INKS, latencyY, type Spec } from './frame.ts';

/** Percentile labels at their place on the axis, which is log10 of one in how many. */
const TICKS = [
  [0, '0 %'],
  [1, '90 %'],
  [2, '99 %'],
  [3, '99.9 %'],
  [4, '99.99 %'],
  [5, '99.999 %'],
] as const;

/** The curves of one load; null without samples. */
export function curveChart(curves: readonly Curve[]): Spec | null {
  const values = curves.flatMap(({ window, points }) =>
    points.map(([percentile, ms]) => ({
      window,
      percentile,
      ms: Math.max(ms, 0.001),
      nines: -Math.log10(1 - percentile / 100),
    })),
  );
  if (values.length === 0) return null;
  const last = Math.max(...values.map(({ nines }) => nines));
  const ticks = TICKS.filter(([at]) => at <= last + 0.3);
  const names = ticks.map(([at, text]) => `datum.value === ${at} ? '${text}'`).join(' : ');
  const windows = [...new Set(values.map(({ window }) => window))];
  return {
    width: 'container',
    height: 240,
    data: { values },
    mark: {
      type: 'line',
      strokeWidth: 1.75,
      interpolate: 'monotone',
      point: { opacity: 0, size: 50 },
    },
    encoding: {
      x: {
        field: 'nines',
        type: 'quantitative',
        title: null,
        axis: { values: ticks.map(([at]) => at), labelExpr: `${names} : ''`, grid: false },
      },
      y: { field: 'ms', ...latencyY(values.map(({ ms }) => ms)) },
      color: {
        field: 'window',
        type: 'nominal',
        title: null,
        scale: {
          domain: windows,
          range: windows.map((_, i) => BROKER_INKS[i % BROKER_INKS.length]),
        },
      },
      tooltip: [
        { field: 'window' },
        { field: 'percentile' },
        { field: 'ms', title: 'milliseconds', format: ',.4~g' },
      ],
    },
  };
}

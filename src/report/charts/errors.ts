/** What did not work at once, in every second: failed and unknown records, and retries. */
import type { SecondMeasures } from '../../measure/measures.ts';
import { type Frame, INK, type Spec, timeChart, timeX, valueY } from './frame.ts';
import { bySecond } from './throughput.ts';

const COLOURS = { failed: INK.bad, unknown: INK.warn, retries: INK.violet } as const;

/** null when nothing went wrong. */
export function errorsChart(frame: Frame, seconds: readonly SecondMeasures[]): Spec | null {
  const rows = bySecond(seconds).flatMap(([second, loads]) => {
    const sum = (pick: (row: SecondMeasures) => number): number =>
      loads.reduce((total, row) => total + pick(row), 0);
    return [
      { second, series: 'failed', value: sum((row) => row.failed) },
      { second, series: 'unknown', value: sum((row) => row.unknown) },
      { second, series: 'retries', value: sum((row) => row.retriesNow) },
    ].filter(({ value }) => value > 0);
  });
  if (rows.length === 0) return null;
  return timeChart(frame, 110, [
    {
      data: { values: rows.map((row) => ({ ...row, end: row.second + 1 })) },
      mark: { type: 'bar', clip: true },
      encoding: {
        x: { ...timeX(frame), bin: 'binned' },
        x2: { field: 'end' },
        y: { field: 'value', stack: 'zero', ...valueY },
        color: {
          field: 'series',
          type: 'nominal',
          title: null,
          scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
        },
        tooltip: [{ field: 'second' }, { field: 'series', title: 'what' }, { field: 'value' }],
      },
    },
  ]);
}

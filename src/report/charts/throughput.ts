/** Offered, acknowledged and received records in every second. */
import type { SecondMeasures } from '../../measure/measures.ts';
import { type Frame, INK, type Spec, seriesChart, valueY } from './frame.ts';

export function throughputChart(frame: Frame, seconds: readonly SecondMeasures[]): Spec {
  const rows = sumBySecond(seconds).flatMap(({ second, produced, consumed }) => [
    ...(produced === null
      ? []
      : [
          { second, series: 'offered', value: produced.offered },
          { second, series: 'acknowledged', value: produced.ackedNow },
        ]),
    ...(consumed === null ? [] : [{ second, series: 'received', value: consumed.received }]),
  ]);
  const colours = {
    offered: INK.offered,
    acknowledged: INK.acknowledged,
    received: INK.received,
  };
  return seriesChart(frame, rows, colours, valueY);
}

type Sums = Pick<SecondMeasures, 'offered' | 'ackedNow' | 'received'>;
type Row = {
  readonly second: number;
  readonly produced: Sums | null;
  readonly consumed: Sums | null;
};

function sumBySecond(seconds: readonly SecondMeasures[]): readonly Row[] {
  const sum = (rows: readonly SecondMeasures[]): Sums | null =>
    rows.length === 0
      ? null
      : {
          offered: rows.reduce((total, row) => total + row.offered, 0),
          ackedNow: rows.reduce((total, row) => total + row.ackedNow, 0),
          received: rows.reduce((total, row) => total + row.received, 0),
        };
  return bySecond(seconds).map(([second, rows]) => ({
    second,
    produced: sum(rows.filter(({ kind }) => kind === 'produce')),
    consumed: sum(rows.filter(({ kind }) => kind === 'consume')),
  }));
}

/** Rows of all loads together, by second. */
export function bySecond(
  seconds: readonly SecondMeasures[],
): readonly (readonly [number, readonly SecondMeasures[]])[] {
  const groups = new Map<number, SecondMeasures[]>();
  for (const row of seconds) groups.set(row.second, [...(groups.get(row.second) ?? []), row]);
  return [...groups];
}

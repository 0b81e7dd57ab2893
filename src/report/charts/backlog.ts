/** What was waiting: records offered and not yet answered, and how far the groups were behind. */
import type { ClusterSample } from '../../evidence/series.ts';
import type { SecondMeasures } from '../../measure/measures.ts';
import { BROKER_INKS, type Frame, INK, type Spec, seriesChart, valueY } from './frame.ts';

/** null when neither was ever seen. `measureUs` is the start of `measure`, as samples are stamped. */
export function backlogChart(
  frame: Frame,
  seconds: readonly SecondMeasures[],
  samples: readonly ClusterSample[],
  measureUs: number,
): Spec | null {
  const waiting = new Map<number, number>();
  for (const { second, backlog } of seconds) {
    if (backlog !== null) waiting.set(second, (waiting.get(second) ?? 0) + backlog);
  }
  const unanswered = [...waiting].map(([second, value]) => ({
    second: second + 1,
    series: 'unanswered sends',
    value,
  }));
  const lags = samples.flatMap((sample) =>
    sample.type === 'lag'
      ? [
          {
            second: Math.round((sample.t - measureUs) / 1e4) / 100,
            series: `lag of ${sample.group}`,
            value: sample.lag,
          },
        ]
      : [],
  );
  const groups = [...new Set(lags.map(({ series }) => series))];
  if (unanswered.length + lags.length === 0) return null;
  const colours = {
    'unanswered sends': INK.acknowledged,
    ...Object.fromEntries(
      groups.map((name, i): [string, string] => [
        name,
        BROKER_INKS[(i + 2) % BROKER_INKS.length] ?? INK.received,
      ]),
    ),
  };
  return seriesChart(frame, [...unanswered, ...lags], colours, valueY, 130);
}

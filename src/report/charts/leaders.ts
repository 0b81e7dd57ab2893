/** Who led each partition, and when a replica was missing from its ISR. */
import type { EventOf, RunEvent } from '../../evidence/events.ts';
import { AXIS_EXTENT, BROKER_INKS, type Frame, type Spec, timeChart, timeX } from './frame.ts';

/** More rows than this are no longer read; the first partitions stand for all. */
export const MAX_ROWS = 24;

type Span = {
  readonly place: string;
  readonly from: number;
  readonly to: number;
  readonly leader: string;
  readonly isr: string;
  readonly reduced: boolean;
};

/** null when leadership was never sampled. `measureUs` is the start of `measure`, as events are stamped. */
export function leadersChart(
  frame: Frame,
  events: readonly RunEvent[],
  measureUs: number,
): Spec | null {
  const spans = spansOf(frame, events, measureUs);
  const places = [...new Set(spans.map(({ place }) => place))].slice(0, MAX_ROWS);
  if (places.length === 0) return null;
  const shown = spans.filter(({ place }) => places.includes(place));
  const leaders = [...new Set(shown.map(({ leader }) => leader))].sort();
  const y = {
    field: 'place',
    type: 'nominal',
    sort: places,
    title: null,
    axis: {
      minExtent: AXIS_EXTENT,
      maxExtent: AXIS_EXTENT,
      // The end of a long name has the partition.
      labelExpr: "length(datum.label) > 10 ? '…' + slice(datum.label, -9) : datum.label",
    },
    scale: { paddingInner: 0.35 },
  };
  return timeChart(frame, Math.max(44, places.length * 22), [
    {
      data: { values: shown },
      mark: { type: 'bar', clip: true },
      encoding: {
        x: timeX(frame, 'from'),
        x2: { field: 'to' },
        y,
        color: {
          field: 'leader',
          type: 'nominal',
          title: null,
          scale: { domain: leaders, range: leaders.map(inkOf) },
        },
        opacity: {
          field: 'reduced',
          type: 'ordinal',
          scale: { domain: [false, true], range: [0.9, 0.35] },
          legend: null,
        },
        tooltip: [{ field: 'place' }, { field: 'leader' }, { field: 'isr', title: 'ISR' }],
      },
    },
  ]);
}

const NOBODY = 'no leader';

const inkOf = (leader: string): string =>
  leader === NOBODY
    ? 'var(--c-red)'
    : (BROKER_INKS[(Number(leader.split(' ')[1]) - 1) % BROKER_INKS.length] ?? 'var(--c-blue)');

function spansOf(frame: Frame, events: readonly RunEvent[], measureUs: number): Span[] {
  const byPlace = new Map<string, EventOf<'leadership'>[]>();
  for (const event of events) {
    if (event.type !== 'leadership') continue;
    const place = `${event.topic}/${event.partition}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), event]);
  }
  const second = (us: number): number =>
    Math.min(frame.to, Math.max(frame.from, (us - measureUs) / 1e6));
  return [...byPlace].flatMap(([place, states]) =>
    states.map((state, i) => {
      const next = states[i + 1];
      return {
        place,
        from: i === 0 ? frame.from : second(state.t),
        to: next === undefined ? frame.to : second(next.t),
        leader: state.leader < 0 ? NOBODY : `broker ${state.leader}`,
        isr: state.isr.join(', '),
        reduced: state.isr.length < state.replicas.length,
      };
    }),
  );
}

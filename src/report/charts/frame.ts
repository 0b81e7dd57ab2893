/**
 * What all charts over time share: one axis in seconds from the start of `measure`, the bands of faults and phases
 * behind it, and the same room for the axis, so that the eye can go down the page at one moment.
 */
import type { Measures } from '../../measure/measures.ts';

/** A Vega-Lite specification, or a part of one, as plain data. */
export type Spec = Readonly<Record<string, unknown>>;

export type Band = {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly what: 'fault' | 'phase';
};

export type Frame = {
  /** Seconds from the start of `measure`. */
  readonly from: number;
  readonly to: number;
  readonly bands: readonly Band[];
};

/** Colours are the page's custom properties, so that charts follow light, dark and print. */
export const INK = {
  offered: 'var(--c-sky)',
  acknowledged: 'var(--c-blue)',
  received: 'var(--c-green)',
  warn: 'var(--c-orange)',
  bad: 'var(--c-red)',
  violet: 'var(--c-violet)',
} as const;

/** Brokers, by order of their ids. */
export const BROKER_INKS = [
  'var(--c-blue)',
  'var(--c-orange)',
  'var(--c-green)',
  'var(--c-violet)',
  'var(--c-sky)',
  'var(--c-red)',
] as const;

export function frameOf(measures: Measures, warmupS: number, measureS: number): Frame {
  const seconds = measures.seconds.map(({ second }) => second);
  const healed = measures.faults.map(({ healedAtMs }) => (healedAtMs ?? 0) / 1000);
  const from = Math.min(-warmupS, 0, ...seconds.slice(0, 1));
  const to = Math.max(measureS, (seconds.at(-1) ?? 0) + 1, ...healed);
  const phases: Band[] = [
    { name: 'warm-up', from, to: 0, what: 'phase' },
    { name: 'drain', from: measureS, to, what: 'phase' },
  ];
  const faults = measures.faults.flatMap(({ name, injectedAtMs, healedAtMs }): Band[] =>
    injectedAtMs === null
      ? []
      : [{ name, from: injectedAtMs / 1000, to: (healedAtMs ?? to * 1000) / 1000, what: 'fault' }],
  );
  return { from, to, bands: [...phases.filter((band) => band.to > band.from), ...faults] };
}

/** Room for the labels of every vertical axis, in pixels. */
export const AXIS_EXTENT = 64;

export const timeX = (frame: Frame, field = 'second'): Spec => ({
  field,
  type: 'quantitative',
  scale: { domain: [frame.from, frame.to], nice: false },
  axis: { title: null, format: 'd', labelExpr: "datum.value + ' s'", tickCount: 12, grid: false },
});

/** Without a title, which would move the axis: the unit stands in the heading. */
export const valueY: Spec = {
  type: 'quantitative',
  title: null,
  axis: { minExtent: AXIS_EXTENT, maxExtent: AXIS_EXTENT, tickCount: 5 },
};

/** Latencies, a decade a line: nobody compares 7 ms with 8 ms across a page. `values` are milliseconds. */
export function latencyY(values: readonly number[]): Spec {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)) + 0.001);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return {
    type: 'quantitative',
    title: null,
    scale: { type: 'log', domain: [decades[0], decades.at(-1)], nice: false },
    axis: {
      values: decades,
      labelExpr: "datum.value >= 1000 ? datum.value / 1000 + ' s' : datum.value + ' ms'",
      minExtent: AXIS_EXTENT,
      maxExtent: AXIS_EXTENT,
    },
  };
}

/** A line per series; invisible points carry the tooltips. `rows` have `second`, `series` and `value`. */
export function seriesChart(
  frame: Frame,
  rows: readonly Spec[],
  colours: Readonly<Record<string, string>>,
  y: Spec,
  height = 190,
): Spec {
  const present = Object.keys(colours).filter((name) => rows.some(({ series }) => series === name));
  return timeChart(frame, height, [
    {
      data: { values: rows },
      mark: { type: 'line', strokeWidth: 1.75, point: { opacity: 0, size: 50 }, clip: true },
      encoding: {
        x: timeX(frame),
        y: { field: 'value', ...y },
        color: {
          field: 'series',
          type: 'nominal',
          title: null,
          scale: { domain: present, range: present.map((name) => colours[name]) },
        },
        tooltip: [
          { field: 'second', title: 'second' },
          { field: 'series', title: 'what' },
          { field: 'value', title: 'value', format: ',.4~g' },
        ],
      },
    },
  ]);
}

/** The layers over the bands. */
export function timeChart(frame: Frame, height: number, layers: readonly Spec[]): Spec {
  return { width: 'container', height, layer: [...bandLayers(frame), ...layers] };
}

function bandLayers(frame: Frame): readonly Spec[] {
  const x = timeX(frame, 'from');
  const bands = (what: Band['what']): Spec => ({
    values: frame.bands.filter((band) => band.what === what),
  });
  return [
    {
      data: bands('phase'),
      mark: { type: 'rect', color: 'var(--band-phase)', clip: true },
      encoding: { x, x2: { field: 'to' } },
    },
    {
      data: bands('fault'),
      mark: { type: 'rect', color: 'var(--band-fault)', clip: true },
      encoding: { x, x2: { field: 'to' }, tooltip: { field: 'name' } },
    },
    {
      data: bands('fault'),
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'top',
        dx: 4,
        dy: 3,
        y: 0,
        fontSize: 11,
        color: 'var(--band-ink)',
      },
      encoding: { x, text: { field: 'name' } },
    },
  ];
}

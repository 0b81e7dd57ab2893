/** Vega-Lite to Vega, while the page is written; the page itself carries only Vega's runtime. */
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Spec } from './frame.ts';

type CompileOptions = NonNullable<Parameters<typeof compile>[1]>;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

const CONFIG = {
  background: 'transparent',
  font: FONT,
  view: { stroke: null },
  axis: {
    domainColor: 'var(--line)',
    gridColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelColor: 'var(--soft)',
    titleColor: 'var(--soft)',
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 11,
  },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    offset: 4,
    labelColor: 'var(--ink)',
    labelFontSize: 12,
    symbolType: 'square',
    symbolSize: 70,
    symbolOpacity: 1,
  },
} as const;

/** The compiler's advice is for authors; an error still throws. */
const QUIET = {
  level: () => QUIET,
  error: () => QUIET,
  warn: () => QUIET,
  info: () => QUIET,
  debug: () => QUIET,
};

/** A Vega specification, ready for its runtime. Throws when Vega-Lite refuses it. */
export function compileChart(spec: Spec): Spec {
  const full = { ...spec, config: CONFIG, padding: { left: 0, right: 12, top: 4, bottom: 0 } };
  const logger = QUIET as unknown as NonNullable<CompileOptions['logger']>;
  return compile(full as unknown as TopLevelSpec, { logger }).spec as unknown as Spec;
}

/** Evidence to numbers: windows, loads and faults. A pure function of a run folder. */
import { createHistogram, type Histogram, percentileMs } from '../evidence/histograms.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadSpec, Scenario } from '../scenario/scenario.ts';
import { catchUps } from './catch-up.ts';
import { measureFaults } from './faults.ts';
import { type Latencies, loadMeasures } from './load-measures.ts';
import type { Curve, LatencyName, LoadMeasures, Measures, WindowMeasures } from './measures.ts';
import { processorSeconds, processorUse } from './processors.ts';
import { type SecondTable, secondTable } from './second-rows.ts';
import { runTime } from './time.ts';
import { type MeasureWindow, windowsOf } from './windows.ts';

/** Throws `evidence.damaged` when the histograms cannot be read. */
export function measure(scenario: Scenario, evidence: RunEvidence): Measures {
  const time = runTime(evidence);
  const table = secondTable(scenario, evidence);
  const faults = measureFaults(scenario, evidence, time, table);
  const windows = windowsOf(scenario, time, faults);
  const merged = mergeByWindow(table, windows);
  const processors = processorSeconds(evidence);
  return {
    windows: windows.map((window) => ({
      ...measureWindow(window, scenario, table, merged),
      processors: processorUse(
        window,
        processors,
        table.rows.filter(({ second }) => window.has(second)),
      ),
    })),
    faults,
    seconds: table.rows,
    curves: curvesOf(windows, scenario, merged),
    catchUps: catchUps(scenario, evidence, table.rows),
  };
}

/** Merged histograms by window, load and metric. */
type Merged = ReadonlyMap<string, Histogram>;
const key = (window: string, load: string, metric: LatencyName): string =>
  [window, load, metric].join('\n');

function mergeByWindow(table: SecondTable, windows: readonly MeasureWindow[]): Merged {
  const merged = new Map<string, Histogram>();
  table.eachHistogram((load, metric, second, histogram) => {
    for (const window of windows) {
      if (!window.has(second)) continue;
      const at = key(window.name, load, metric);
      const sum = merged.get(at) ?? createHistogram();
      merged.set(at, sum);
      sum.add(histogram);
    }
  });
  return merged;
}

function measureWindow(
  window: MeasureWindow,
  scenario: Scenario,
  table: SecondTable,
  merged: Merged,
): Omit<WindowMeasures, 'processors'> {
  const rows = table.rows.filter(({ second }) => window.has(second));
  const over = (kind: LoadSpec['kind'], names: readonly string[]): LoadMeasures | null =>
    names.length === 0
      ? null
      : loadMeasures(
          kind,
          rows.filter(({ load }) => names.includes(load)),
          window.lengthS,
          names.map((name) => latenciesOf(window.name, name, merged)),
        );
  const named = (kind: LoadSpec['kind']): string[] =>
    scenario.load.filter((load) => load.kind === kind).map(({ name }) => name);
  return {
    window: window.name,
    loads: Object.fromEntries(
      scenario.load.map(({ kind, name }) => [name, over(kind, [name]) as LoadMeasures]),
    ),
    allProduce: over('produce', named('produce')),
    allConsume: over('consume', named('consume')),
  };
}

function latenciesOf(window: string, load: string, merged: Merged): Latencies {
  const names = ['ack', 'queue', 'service', 'lateness', 'e2e'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const histogram = merged.get(key(window, load, name));
      return histogram === undefined ? [] : [[name, histogram]];
    }),
  );
}

/** The tail is what matters, so points crowd towards 100. */
const CURVE_PERCENTILES = [
  0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.25, 99.5, 99.75, 99.9, 99.95,
  99.975, 99.99, 99.995, 99.999,
];

/** For `measure`, `steady` and every fault; a percentile that fewer than one record stands for is left out. */
function curvesOf(
  windows: readonly MeasureWindow[],
  scenario: Scenario,
  merged: Merged,
): readonly Curve[] {
  return windows
    .filter(({ name }) => name !== 'warmup' && name !== 'drain')
    .flatMap(({ name: window }) =>
      scenario.load.flatMap(({ name: load, kind }) => {
        const histogram = merged.get(key(window, load, kind === 'produce' ? 'ack' : 'e2e'));
        if (histogram === undefined || histogram.totalCount === 0) return [];
        const points = CURVE_PERCENTILES.filter(
          (percentile) => histogram.totalCount * (1 - percentile / 100) >= 1,
        ).map((percentile): [number, number] => [percentile, percentileMs(histogram, percentile)]);
        return [{ window, load, points }];
      }),
    );
}

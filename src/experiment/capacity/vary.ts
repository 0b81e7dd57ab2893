/** The same scenario at another rate: every produce load keeps its share of the whole. */
import { inputError } from '../../lib/errors.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { formatDuration } from '../../scenario/units.ts';

/** `share`: of the records of all produce loads together. */
export type LoadShare = { readonly name: string; readonly share: number };

export type Pace = {
  /** Records per second as written. */
  readonly perSecond: number;
  readonly loads: readonly LoadShare[];
};

/** Throws an input error when a load has no constant rate, or none produces. */
export function paceOf({ load: loads, name: scenario }: Scenario): Pace {
  const rates = loads.flatMap((load) => {
    if (load.kind !== 'produce') return [];
    if (load.rate.kind === 'constant') return [{ name: load.name, rate: load.rate.perSecond }];
    throw inputError(
      'capacity.rate',
      `a capacity search varies constant rates, and load ${load.name} of ${scenario} has ${load.rate.kind === 'max' ? 'the rate `max`' : 'stages'}`,
      `try: --set load.${load.name}.rate=1k/s`,
    );
  });
  const perSecond = rates.reduce((sum, { rate }) => sum + rate, 0);
  if (perSecond > 0) {
    return { perSecond, loads: rates.map(({ name, rate }) => ({ name, share: rate / perSecond })) };
  }
  throw inputError(
    'capacity.rate',
    `a capacity search needs a load that produces, and ${scenario} has none`,
    'try: ordeal capacity scenarios/capacity/max-rate-p99-50ms.yaml',
  );
}

/** Values as `--set` takes them. Rates of a share have one decimal. */
export const atRate = (rate: number, { loads }: Pace): readonly string[] =>
  loads.map(({ name, share }) => `load.${name}.rate=${Number((rate * share).toFixed(1))}/s`);

/** How long a step without faults is at most, unless somebody says otherwise: capacity is a steady state. */
const STEP = { warmupMs: 2000, measureMs: 8000, drainMs: 10_000 };

/**
 * Values as `--set` takes them. `stepMs`: how long to measure, as asked for. Where faults have their times nothing is
 * shortened.
 */
export function phasesOf({ phases, faults }: Scenario, stepMs: number | null): readonly string[] {
  const measureMs = stepMs ?? (faults.length === 0 ? STEP.measureMs : phases.measureMs);
  const limit = (ms: number, most: number): number =>
    faults.length === 0 ? Math.min(ms, most) : ms;
  const wanted = {
    warmup: limit(phases.warmupMs, STEP.warmupMs),
    measure: stepMs === null ? limit(phases.measureMs, measureMs) : measureMs,
    drain: limit(phases.drainMs, STEP.drainMs),
  };
  return Object.entries(wanted).map(([name, ms]) => `phases.${name}=${formatDuration(ms)}`);
}

/** For the first step on a cluster: brokers that have just begun compile what they are to do, and are slow meanwhile. */
export const warmingOf = ({ phases }: Scenario, warmingMs: number): readonly string[] => [
  `phases.warmup=${formatDuration(Math.max(warmingMs, phases.warmupMs))}`,
];

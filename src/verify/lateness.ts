/**
 * Whether the harness itself was the bottleneck. Only lateness, the time from when a record was meant to be offered
 * to when it was, can void numbers: everything after that belongs to the system under test (design §6).
 *
 * A window is void when the 99th percentile of lateness in it is above 250 ms, or when fewer than 95 % of the
 * records a constant rate asks for were offered at all. A void `measure` voids the run. A load whose producers a fault
 * killed, stopped or slowed is late by the fault's doing, so it voids no window in which that was in force.
 */
import type { LoadMeasures, Measures, WindowMeasures } from '../measure/measures.ts';
import { duringName } from '../measure/windows.ts';
import type { ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { loadUnder } from '../scenario/where.ts';

export const LATENESS_LIMIT_MS = 250;
const OFFERED_SHARE = 0.95;
/** So many standard deviations fewer are chance, where arrivals are. */
const SIGMAS = 3;

/** Why each void window is void, by window name. */
export function voidWindows(scenario: Scenario, measures: Measures): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const window of measures.windows) {
    if (window.window === 'drain') continue;
    const why = voidReason(scenario, window, harmedLoads(scenario, measures, window.window));
    if (why !== null) found.set(window.window, why);
  }
  return found;
}

/** `steady` and `warmup` are free of faults. */
function harmedLoads(scenario: Scenario, { faults }: Measures, window: string): Set<string> {
  const of = faults.find(({ name }) => window === duringName(name));
  if (of === undefined && window !== 'measure') return new Set();
  const fromMs = of?.injectedAtMs ?? Number.NEGATIVE_INFINITY;
  const toMs = of?.healedAtMs ?? Infinity;
  const overlapping = faults.filter(
    ({ injectedAtMs, healedAtMs }) =>
      injectedAtMs !== null && injectedAtMs <= toMs && (healedAtMs ?? Infinity) >= fromMs,
  );
  const names = new Set(overlapping.map(({ name }) => name));
  return new Set(
    scenario.faults.flatMap((fault) => (names.has(fault.name) ? (loadUnder(fault) ?? []) : [])),
  );
}

function voidReason(
  scenario: Scenario,
  window: WindowMeasures,
  harmed: ReadonlySet<string>,
): string | null {
  for (const load of scenario.load) {
    if (load.kind !== 'produce' || harmed.has(load.name)) continue;
    // Each load by itself: a busy one on time must not hide another that is late.
    const numbers = window.loads[load.name];
    const why = lateReason(numbers) ?? shortfall(load, numbers);
    if (why !== null) return why;
  }
  return null;
}

function lateReason(numbers: LoadMeasures | undefined): string | null {
  const late = numbers?.latency.lateness?.p99 ?? 0;
  return late > LATENESS_LIMIT_MS
    ? `the harness offered records late: p99(lateness) was ${Math.round(late)} ms, the limit is ${LATENESS_LIMIT_MS} ms`
    : null;
}

function shortfall(load: ProduceLoad, numbers: LoadMeasures | undefined): string | null {
  // Nothing at all has a reason of its own.
  if (load.rate.kind !== 'constant' || !numbers?.offered) return null;
  const planned = load.rate.perSecond * numbers.seconds;
  const enough = planned * OFFERED_SHARE - SIGMAS * Math.sqrt(planned);
  return numbers.offered < enough
    ? `the harness offered ${numbers.offered} of ${Math.round(planned)} records of load ${load.name}`
    : null;
}

/**
 * Whether the harness itself was the bottleneck. Only lateness, the time from when a record was meant to be offered
 * to when it was, can void numbers: everything after that belongs to the system under test (design §6).
 *
 * A window is void when the 99th percentile of lateness in it is above 250 ms, or when fewer than 95 % of the
 * records a constant rate asks for were offered at all. A void `measure` voids the run.
 */
import type { LoadMeasures, Measures, WindowMeasures } from '../measure/measures.ts';
import type { ProduceLoad, Scenario } from '../scenario/scenario.ts';

export const LATENESS_LIMIT_MS = 250;
const OFFERED_SHARE = 0.95;
/** So many standard deviations fewer are chance, where arrivals are. */
const SIGMAS = 3;

/** Why each void window is void, by window name. */
export function voidWindows(scenario: Scenario, measures: Measures): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const window of measures.windows) {
    if (window.window === 'drain') continue;
    const why = voidReason(scenario, window);
    if (why !== null) found.set(window.window, why);
  }
  return found;
}

function voidReason(scenario: Scenario, window: WindowMeasures): string | null {
  for (const load of scenario.load) {
    if (load.kind !== 'produce') continue;
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

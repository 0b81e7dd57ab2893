/** Latency against load: what the steps of a search say together beyond the one answer. */
import type { MeasuredStep } from './measured-step.ts';
import { isTelling } from './step.ts';

/** All steps at one rate together. */
export type CurvePoint = {
  /** Records per second that were asked for. */
  readonly rate: number;
  readonly steps: number;
  /** Medians over its steps, milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

/** The highest rate at which p99 stays below a limit; null when no step did. */
export type AtLatency = {
  readonly limitMs: number;
  readonly rate: number | null;
  /** No higher rate was tried, so it may be more. */
  readonly orMore: boolean;
};

const LIMITS_MS = [10, 50, 250];

/** By rising rate. Steps that were void or disturbed say nothing of the cluster's latency. */
export function curveOf(steps: readonly MeasuredStep[]): readonly CurvePoint[] {
  const rates = new Map<number, { p50: number; p99: number }[]>();
  for (const step of steps) {
    const { rate, ackMs } = step;
    if (!isTelling(step) || ackMs === null) continue;
    rates.set(rate, [...(rates.get(rate) ?? []), ackMs]);
  }
  return [...rates]
    .sort(([a], [b]) => a - b)
    .map(([rate, found]) => ({
      rate,
      steps: found.length,
      p50: median(found.map(({ p50 }) => p50)),
      p99: median(found.map(({ p99 }) => p99)),
    }));
}

/** By the monotone curve that fits best, so that one lucky step at a high rate is not the answer. */
export function throughputAt(curve: readonly CurvePoint[]): readonly AtLatency[] {
  const fitted = rising(curve);
  return LIMITS_MS.map((limitMs) => {
    const last = fitted.findLastIndex((p99) => p99 <= limitMs);
    return {
      limitMs,
      rate: curve[last]?.rate ?? null,
      orMore: last >= 0 && last === curve.length - 1,
    };
  });
}

/**
 * The rate after which latency climbs: the point furthest below the line from the first to the last one (V. Satopää et
 * al., "Finding a Kneedle in a haystack", 2011). Null with fewer than four points, or when nothing climbs.
 */
export function kneeOf(curve: readonly CurvePoint[]): number | null {
  const fitted = rising(curve);
  const [first, last] = [curve[0], curve.at(-1)];
  const [low = 0, high = 0] = [fitted[0], fitted.at(-1)];
  if (first === undefined || last === undefined || curve.length < 4 || high <= low) return null;
  const depths = curve.map(
    ({ rate }, i) =>
      (rate - first.rate) / (last.rate - first.rate) - ((fitted[i] ?? 0) - low) / (high - low),
  );
  const deepest = Math.max(...depths);
  return deepest <= 0 ? null : (curve[depths.indexOf(deepest)]?.rate ?? null);
}

/** p99 as the nearest series that never falls (pool adjacent violators), weighted by steps. */
function rising(curve: readonly CurvePoint[]): readonly number[] {
  const pools: { sum: number; weight: number; points: number }[] = [];
  for (const { p99, steps } of curve) {
    pools.push({ sum: p99 * steps, weight: steps, points: 1 });
    for (;;) {
      const [before, last] = [pools.at(-2), pools.at(-1)];
      if (before === undefined || last === undefined) break;
      if (before.sum / before.weight <= last.sum / last.weight) break;
      pools.splice(-2, 2, {
        sum: before.sum + last.sum,
        weight: before.weight + last.weight,
        points: before.points + last.points,
      });
    }
  }
  return pools.flatMap(({ sum, weight, points }) =>
    Array.from({ length: points }, () => sum / weight),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

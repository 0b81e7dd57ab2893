/**
 * What the steps of a search say about the capacity, as a probability over rates (log scale). A step near the capacity may
 * go either way, and now and then one far from it does, because a machine hiccups: so no single step decides. How wide
 * "near" is, the steps themselves say. This is bisection for noisy answers (R. Waeber et al., "Bisection search with noisy
 * responses", SIAM J. Control Optim. 51, 2013), with a probit answer as in psychophysics (A. Watson, D. Pelli, "QUEST", 1983).
 */
import { isTelling, type Step } from './step.ts';

/** Between two rates of the grid, as a share. */
const GRID = 0.0025;
/** How wide the border may be, as a standard deviation of the log of the rate. */
const WIDTHS = [0.005, 0.015, 0.04, 0.1];
/** How often a step far from the border goes the other way. */
const LAPSE = 0.02;
/** The same for a step that breaks right after one that broke: it may be that one's aftermath. */
const LAPSE_AFTERMATH = 0.25;

export type Interval = { readonly low: number; readonly high: number };

export type Posterior = {
  readonly median: number;
  /** Holds the capacity with this probability; the tails are alike. */
  readonly within: (probability: number) => Interval;
};

/** `range`: where the capacity may lie at all, in records per second. */
export function posteriorOf(steps: readonly Step[], range: Interval): Posterior {
  const rates = gridOf(range);
  const weights = WIDTHS.map((width) =>
    rates.map((rate) => likelihood(steps, Math.log(rate), width)),
  );
  const density = rates.map((_, i) => weights.reduce((sum, row) => sum + (row[i] ?? 0), 0));
  const total = density.reduce((sum, one) => sum + one, 0);
  const quantile = (probability: number): number => {
    let sum = 0;
    for (const [i, one] of density.entries()) {
      sum += one / total;
      if (sum >= probability) return rates[i] ?? range.high;
    }
    return range.high;
  };
  return {
    median: quantile(0.5),
    within: (probability) => ({
      low: quantile((1 - probability) / 2),
      high: quantile((1 + probability) / 2),
    }),
  };
}

function gridOf({ low, high }: Interval): readonly number[] {
  const count = Math.ceil(Math.log(high / low) / GRID) + 1;
  return Array.from({ length: count }, (_, i) => low * Math.exp(i * GRID));
}

function likelihood(steps: readonly Step[], capacity: number, width: number): number {
  let product = 1;
  for (const [i, step] of steps.entries()) {
    if (!isTelling(step)) continue;
    const { rate, outcome } = step;
    const after = outcome === 'breaks' && steps[i - 1]?.outcome === 'breaks';
    const lapse = after ? LAPSE_AFTERMATH : LAPSE;
    const holds = lapse / 2 + (1 - lapse) * normal((capacity - Math.log(rate)) / width);
    product *= outcome === 'holds' ? holds : 1 - holds;
  }
  return product;
}

/** The normal distribution's cumulative probability (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z >= 0 ? 1 - tail : tail;
}

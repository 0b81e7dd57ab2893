/**
 * How much a metric differs between the two sides, as the logarithm of a ratio, and how far that may be off. The runs of a
 * pair follow each other on the same cluster, and the side that goes first changes from pair to pair (A-B-B-A): what
 * the machine does slowly meanwhile has the same size and turns its sign, so it is estimated and taken away.
 */
import { mean, sampleVariance } from 'simple-statistics';

/** ln(candidate / base), and how uncertain it is. */
export type Estimate = {
  readonly mean: number;
  readonly standardError: number;
  /** Degrees of freedom. */
  readonly freedom: number;
};

export type LogRatio = {
  readonly value: number;
  /** Which side's run of the pair came first. */
  readonly first: 'base' | 'candidate';
};

/** Histograms keep three digits: runs that agree to all of them differ by this much all the same. */
const LEAST_SPREAD = 0.001;

/** Null: too few pairs to say how far they spread. */
export function fromPairs(ratios: readonly LogRatio[]): Estimate | null {
  const baseFirst = ratios.filter(({ first }) => first === 'base').map(({ value }) => value);
  const candidateFirst = ratios.filter(({ first }) => first !== 'base').map(({ value }) => value);
  const freedom = ratios.length - 2;
  if (freedom < 1 || baseFirst.length === 0 || candidateFirst.length === 0) return null;
  const spread = Math.max(
    Math.sqrt((squares(baseFirst) + squares(candidateFirst)) / freedom),
    LEAST_SPREAD,
  );
  // The mean of both means, not of all: with an odd number of pairs a drift would stay in otherwise.
  return {
    mean: (mean(baseFirst) + mean(candidateFirst)) / 2,
    standardError: (spread / 2) * Math.sqrt(1 / baseFirst.length + 1 / candidateFirst.length),
    freedom,
  };
}

/**
 * Of runs that nothing pairs, as logarithms. Degrees of freedom are those of the smaller side (Welch, at his most
 * careful), since nobody knows which side spreads more.
 */
export function fromTwoSides(
  base: readonly number[],
  candidate: readonly number[],
): Estimate | null {
  const freedom = Math.min(base.length, candidate.length) - 1;
  if (freedom < 1) return null;
  const variance = (values: readonly number[]): number =>
    Math.max(sampleVariance([...values]), LEAST_SPREAD ** 2) / values.length;
  return {
    mean: mean([...candidate]) - mean([...base]),
    standardError: Math.sqrt(variance(base) + variance(candidate)),
    freedom,
  };
}

/** Of the distances from the mean. */
const squares = (values: readonly number[]): number =>
  values.length < 2 ? 0 : sampleVariance([...values]) * (values.length - 1);

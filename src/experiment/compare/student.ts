/**
 * Student's t distribution, both tails together. The levels here are far out (one in a hundred thousand), where tables
 * and normal approximations fail. Its regularised incomplete beta function is the continued fraction of Lentz
 * (Numerical Recipes, 6.4).
 */
import { bisect, gammaln } from 'simple-statistics';

/** The chance that |t| is as large as this or larger. `freedom`: degrees of freedom, > 0. */
export function tails(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t with so much in both its tails together, 0 < `level` < 1. */
export function criticalT(level: number, freedom: number): number {
  // By logarithm: with few degrees of freedom it is anywhere between 0 and millions.
  const excess = (power: number): number => Math.log(tails(10 ** power, freedom) / level);
  return 10 ** bisect(excess, -3, 12, 100, 1e-8);
}

function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const scale = Math.exp(
    gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  // The fraction converges fast on one side only.
  return x < (a + 1) / (a + b + 2)
    ? (scale * betaFraction(x, a, b)) / a
    : 1 - (scale * betaFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const PRECISION = 1e-15;

function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    for (const step of [even, odd]) {
      d = 1 / away(1 + step * d);
      c = away(1 + step / c);
      value *= c * d;
    }
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}

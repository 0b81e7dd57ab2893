/**
 * When a comparison that goes on may be looked at. Who looks after every pair until he likes what he sees finds
 * differences where there are none. So each look has a share of the allowed error, and all shares ever possible make one: the
 * error holds whenever the comparison ends, also if it goes on later with more time (the union bound).
 */

/** Pairs; even numbers, so that both sides have been first equally often. */
const LOOKS = [4, 6, 10, 16, 24, 36, 54, 80];

/** A few pairs show only what is plain with any share; most comparisons end where the shares are largest. */
const SHARES = [0.05, 0.15, 0.2, 0.2, 0.15, 0.1];
const REST = 1 - SHARES.reduce((sum, share) => sum + share, 0);

/** Of the allowed error, for the look of this number, from 1; what the first ones leave is enough for any number more. */
export function shareOfLook(number: number): number {
  const further = number - SHARES.length;
  return SHARES[number - 1] ?? REST / (further * (further + 1));
}

/** Fewer say nothing about their spread. */
export const LEAST_PAIRS = LOOKS[0] as number;

/** `looked`: how many pairs there were at the looks so far. */
export function isLookDue(pairs: number, looked: readonly number[]): boolean {
  return pairs > (looked.at(-1) ?? 0) && LOOKS.includes(pairs);
}

/** A last look, when there will be no more pairs for now. */
export const isLastLookDue = (pairs: number, looked: readonly number[]): boolean =>
  pairs >= LEAST_PAIRS && pairs > (looked.at(-1) ?? 0);

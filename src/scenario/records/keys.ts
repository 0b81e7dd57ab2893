/**
 * Keys: a pure function of the run's seed and the record's index in its load, so that any process can say which
 * key, and with it which partition, a record has. Keys are the decimal text of their rank: `0` is the hottest.
 */
import type { KeyModel } from '../traffic.ts';
import { unitAt } from './hash.ts';

const SALT = 1;

/** Null for a load without keys. */
export type KeyOf = (index: number) => Buffer | null;

export function createKeys(model: KeyModel, seed: number): KeyOf {
  if (model.kind === 'none') return () => null;
  const rankOf = createRanks(model, seed);
  return (index) => keyOfRank(rankOf(index));
}

/** The rank of the key of record `index`. */
export function createRanks(
  model: Exclude<KeyModel, { kind: 'none' }>,
  seed: number,
): (index: number) => number {
  const rank = model.kind === 'uniform' ? uniform(model.count) : zipf(model.count, model.exponent);
  return (index) => rank(unitAt(seed, SALT, index));
}

export const keyOfRank = (rank: number): Buffer => Buffer.from(String(rank));

const uniform =
  (count: number) =>
  (unit: number): number =>
    Math.floor(unit * count);

/** Exact up to this many keys; beyond, the tail's sum is its integral, as it then is to many digits. */
const EXACT = 10_000;

/** Rank r has the weight 1 / (r + 1)^exponent. */
function zipf(count: number, exponent: number): (unit: number) => number {
  const head = new Float64Array(Math.min(count, EXACT));
  let sum = 0;
  for (let rank = 0; rank < head.length; rank++) {
    sum += (rank + 1) ** -exponent;
    head[rank] = sum;
  }
  const from = head.length + 0.5;
  const tail = count > head.length ? power(count + 0.5, exponent) - power(from, exponent) : 0;
  return (unit) => {
    const target = unit * (sum + tail);
    if (target >= sum) {
      const rank = inversePower(power(from, exponent) + target - sum, exponent) - 0.5;
      return Math.min(count - 1, Math.max(head.length, Math.floor(rank)));
    }
    return firstAbove(head, target);
  };
}

/** The integral of x^-exponent, and its inverse. */
const power = (x: number, exponent: number): number =>
  exponent === 1 ? Math.log(x) : x ** (1 - exponent) / (1 - exponent);
const inversePower = (y: number, exponent: number): number =>
  exponent === 1 ? Math.exp(y) : (y * (1 - exponent)) ** (1 / (1 - exponent));

function firstAbove(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

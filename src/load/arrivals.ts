/**
 * Poisson arrivals: record `index` lies at the sum of `index + 1` exponential gaps of mean 1 on the axis of
 * expected records. Gaps are drawn block by block from the seed, so any index can be looked up again later while
 * only one number per block is kept.
 */
import { createRandom } from '../lib/random.ts';
import type { Arrivals } from './pacing.ts';

const BLOCK = 4096;
/** Blocks held whole: enough for what is offered now and what is acknowledged now, minutes apart. */
const HELD = 8;

export function createArrivals(seed: number): Arrivals {
  const ends: number[] = [];
  const held = new Map<number, Float64Array>();

  const draw = (block: number): Float64Array => {
    const random = createRandom(seed, `arrivals ${block}`);
    const positions = new Float64Array(BLOCK);
    let at = block === 0 ? 0 : (ends[block - 1] as number);
    for (let i = 0; i < BLOCK; i++) {
      at -= Math.log(1 - random.next());
      positions[i] = at;
    }
    if (block === ends.length) ends.push(at);
    held.delete(held.size < HELD ? -1 : (held.keys().next().value as number));
    held.set(block, positions);
    return positions;
  };
  const positionsOf = (block: number): Float64Array => {
    while (ends.length < block) draw(ends.length);
    return held.get(block) ?? draw(block);
  };

  return {
    position: (index) => positionsOf(Math.floor(index / BLOCK))[index % BLOCK] as number,
    countBy: (position) => {
      while ((ends.at(-1) ?? 0) <= position) draw(ends.length);
      const block = countUpTo(ends, position);
      return block * BLOCK + countUpTo(positionsOf(block), position);
    },
  };
}

/** How many of the ascending values are at or below `limit`. */
function countUpTo(values: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A number in [0, 1) out of a seed and a position: randomness that anyone can look up again, in any order. */

/** Murmur3's finalizer over the four words; `index` may be as large as integers are exact. */
export function unitAt(seed: number, salt: number, index: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 0x7f4a7c15, 0xc2b2ae35);
  hash = mix(hash ^ ((index % 0x1_0000_0000) | 0));
  hash = mix(hash ^ Math.imul(Math.floor(index / 0x1_0000_0000) + 1, 0x27d4eb2f));
  return (hash >>> 0) / 0x1_0000_0000;
}

function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

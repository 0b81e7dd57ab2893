/** Seeded randomness: one seed per run, one stream per label, so adding a draw in one place moves no other. */

export type Random = {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Uniform integer in [0, bound). */
  readonly below: (bound: number) => number;
};

/** FNV-1a over the label, mixed with the seed. */
function seedOf(seed: number, label: string): number {
  let hash = (2166136261 ^ seed) >>> 0;
  for (let i = 0; i < label.length; i++) {
    hash = Math.imul(hash ^ label.charCodeAt(i), 16777619) >>> 0;
  }
  return hash;
}

/** Mulberry32 (public domain, T. Ettinger): one 32-bit word of state, allocation-free on the hot path. */
export function createRandom(seed: number, label: string): Random {
  let state = seedOf(seed, label);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
}

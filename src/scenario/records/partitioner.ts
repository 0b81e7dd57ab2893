/** Which partition a record goes to: Java's murmur2 of the key, or round robin without one. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Murmur2 as org.apache.kafka.common.utils.Utils.murmur2: a signed 32-bit integer. */
export function murmur2(data: Uint8Array): number {
  const length = data.length;
  const body = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < body; i += 4) {
    let word = Math.imul(wordAt(data, i), M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  if (length > body) {
    for (let i = length - 1; i >= body; i--) hash ^= (data[i] as number) << (8 * (i - body));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

const wordAt = (data: Uint8Array, at: number): number =>
  (data[at] as number) |
  ((data[at + 1] as number) << 8) |
  ((data[at + 2] as number) << 16) |
  ((data[at + 3] as number) << 24);

/** The partition that Java's default partitioner gives a key. */
export const partitionOfKey = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;

/**
 * Keyless records go round in runs, so that a run can share one batch (Java's partitioner sticks to a partition for
 * the same reason). Each producer starts at a partition of its own, so that all fill evenly.
 */
export const roundRobin = (
  nth: number,
  producer: number,
  partitions: number,
  run: number,
): number => (Math.floor(nth / run) + producer) % partitions;

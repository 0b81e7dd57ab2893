/**
 * Values: the stamp and then filler. A value's size and filler are a pure function of (seed, stream, sequence), so
 * whoever reads a record can say what it must have been.
 */
import { createRandom } from '../lib/random.ts';
import { unitAt } from '../scenario/records/hash.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import { STAMP_BYTES, writeStamp } from './stamp.ts';

const SALT = 2;
/** Random bytes are cut from one pool; a prime length keeps neighbours from repeating each other. */
const POOL_BYTES = 1_048_573;
const PLAIN_BYTE = 0x2e;

export type Template = {
  /** Bytes of the value of record `sequence`, stamp included. */
  sizeOf(stream: number, sequence: number): number;
  valueOf(stream: number, sequence: number, intendedUs: number): Buffer;
  /** Of every value; null where they differ. */
  readonly bytes: number | null;
};

export function createTemplate(
  load: Pick<ProduceLoad, 'size' | 'compressibility'>,
  runId: number,
  seed: number,
): Template {
  const sizeOf = createSizes(load.size, seed);
  const largest = Math.max(...load.size.map(({ bytes }) => bytes));
  const pool = createPool(seed);
  const stamp = { runId, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
  return {
    sizeOf,
    bytes: load.size.length === 1 ? largest : null,
    valueOf: (stream, sequence, intendedUs) => {
      const value = Buffer.allocUnsafe(sizeOf(stream, sequence));
      const plain = Math.round((value.length - STAMP_BYTES) * load.compressibility);
      value.fill(PLAIN_BYTE, STAMP_BYTES, STAMP_BYTES + plain);
      fillFrom(pool, (stream * 7919 + sequence) * largest, value, STAMP_BYTES + plain);
      stamp.stream = stream;
      stamp.sequence = sequence;
      stamp.intendedUs = intendedUs;
      stamp.valueBytes = value.length;
      writeStamp(value, 0, stamp);
      return value;
    },
  };
}

function createSizes(sizes: ProduceLoad['size'], seed: number): Template['sizeOf'] {
  const first = sizes[0]?.bytes ?? STAMP_BYTES;
  if (sizes.length <= 1) return () => first;
  return (stream, sequence) => {
    let left = unitAt(seed ^ stream, SALT, sequence);
    for (const { bytes, weight } of sizes) {
      left -= weight;
      if (left < 0) return bytes;
    }
    return sizes.at(-1)?.bytes ?? first;
  };
}

function createPool(seed: number): Buffer {
  const random = createRandom(seed, 'payload');
  const pool = Buffer.allocUnsafe(POOL_BYTES);
  for (let at = 0; at + 4 <= pool.length; at += 4) pool.writeUInt32LE(random.below(2 ** 32), at);
  for (let at = pool.length & ~3; at < pool.length; at++) pool[at] = random.below(256);
  return pool;
}

/** Copies pool bytes, going round, into `target` from `at` to its end. */
function fillFrom(pool: Buffer, position: number, target: Buffer, at: number): void {
  let from = position % pool.length;
  let to = at;
  while (to < target.length) {
    const copied = pool.copy(target, to, from);
    to += copied;
    from = (from + copied) % pool.length;
  }
}

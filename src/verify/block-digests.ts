/**
 * Nine bytes for every 65 536 records of a stream that say whether what was acknowledged is what was read, each record
 * at its offset: a 64-bit digest to which reading adds and acknowledging subtracts, so that it is zero when both name
 * the same records at the same offsets, in whatever order and slices; otherwise it is zero once in 2^64 times.
 *
 * A run of consecutive sequences at consecutive offsets adds the hash of its end and takes away the hash of its
 * beginning. Runs that follow on each other thereby add up to the one run that they are, and a run costs the same
 * however long it is. Both hashes are of the sequence and of its distance from the offset.
 */

/** Sequences to a block. */
export const BLOCK = 65_536;

const ACKNOWLEDGED = 1;
const ASKED = 2;

export class BlockDigests {
  #low = new Int32Array(0);
  #high = new Int32Array(0);
  #flags = new Uint8Array(0);

  get bytes(): number {
    return this.#low.byteLength + this.#high.byteLength + this.#flags.byteLength;
  }

  read(first: number, count: number, offset: number): void {
    this.#add(first, count, offset, 1);
  }

  acknowledged(first: number, count: number, offset: number): void {
    this.#add(first, count, offset, -1);
  }

  /** Something has to be known of the block that a digest does not say. */
  ask(block: number): void {
    this.#reach(block);
    this.#flags[block] = (this.#flags[block] as number) | ASKED;
  }

  /** Blocks that were asked for, and those where something was acknowledged that does not agree with what was read. */
  doubtful(): number[] {
    const found: number[] = [];
    this.#flags.forEach((flags, block) => {
      const differs = (this.#low[block] as number) !== 0 || (this.#high[block] as number) !== 0;
      if ((flags & ASKED) !== 0 || ((flags & ACKNOWLEDGED) !== 0 && differs)) found.push(block);
    });
    return found;
  }

  #add(first: number, count: number, offset: number, sign: 1 | -1): void {
    const distance = offset - first;
    const end = first + count;
    for (let from = first; from < end; ) {
      const block = Math.floor(from / BLOCK);
      const to = Math.min(end, (block + 1) * BLOCK);
      this.#reach(block);
      this.#low[block] =
        (this.#low[block] as number) + sign * (hash(LOW, distance, to) - hash(LOW, distance, from));
      this.#high[block] =
        (this.#high[block] as number) +
        sign * (hash(HIGH, distance, to) - hash(HIGH, distance, from));
      if (sign < 0) this.#flags[block] = (this.#flags[block] as number) | ACKNOWLEDGED;
      from = to;
    }
  }

  #reach(block: number): void {
    if (block < this.#flags.length) return;
    const size = Math.max(block + 1, Math.ceil(this.#flags.length * 1.5));
    const [low, high, flags] = [this.#low, this.#high, this.#flags];
    this.#low = new Int32Array(size);
    this.#high = new Int32Array(size);
    this.#flags = new Uint8Array(size);
    this.#low.set(low);
    this.#high.set(high);
    this.#flags.set(flags);
  }
}

const LOW = 0x2545f491;
const HIGH = 0x9e3779b9;
const TWO_32 = 2 ** 32;

/** MurmurHash3 of 32 bits over the four words of two integers below 2^53; a signed 32-bit number. */
function hash(seed: number, one: number, other: number): number {
  let h = word(seed, one | 0);
  h = word(h, Math.floor(one / TWO_32));
  h = word(h, other | 0);
  h = word(h, Math.floor(other / TWO_32));
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function word(h: number, value: number): number {
  const k = Math.imul(value, 0xcc9e2d51);
  const mixed = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

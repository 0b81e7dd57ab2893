/**
 * The stamp: the first 32 bytes of every value, little-endian, by which the audit knows a record.
 *
 *   0 u32 magic "ordl" or "ordf" · 4 u32 run id · 8 u32 stream · 12 u48 sequence · 18 u48 intended time (µs since t0)
 *   24 u32 value bytes · 28 u32 checksum of bytes 0–27
 *
 * Where the records of a batch lie equally far apart, only the first has such a stamp, and the others say how far behind
 * it they are: "ordf", the stream 0, so many records later, so much later. So they are the same in every batch.
 */

export const STAMP_BYTES = 32;
export const STAMP_MAGIC = 0x6c64726f;
const FOLLOWER_MAGIC = 0x6664726f;

export type Stamp = {
  runId: number;
  stream: number;
  sequence: number;
  intendedUs: number;
  valueBytes: number;
};

/** Writes the stamp into `target` at `at`; intended times before t0 are written as 0. */
export function writeStamp(target: Buffer, at: number, stamp: Stamp): void {
  write(target, at, STAMP_MAGIC, stamp);
}

/** The stamp of a record that follows another of its batch: `sequence` and `intendedUs` count from that one. */
export function writeFollower(target: Buffer, at: number, stamp: Omit<Stamp, 'stream'>): void {
  write(target, at, FOLLOWER_MAGIC, { ...stamp, stream: 0 });
}

function write(target: Buffer, at: number, magic: number, stamp: Stamp): void {
  target.writeUInt32LE(magic, at);
  target.writeUInt32LE(stamp.runId, at + 4);
  target.writeUInt32LE(stamp.stream, at + 8);
  target.writeUIntLE(stamp.sequence, at + 12, 6);
  target.writeUIntLE(Math.max(0, Math.floor(stamp.intendedUs)), at + 18, 6);
  target.writeUInt32LE(stamp.valueBytes, at + 24);
  target.writeUInt32LE(checksum(target, at), at + 28);
}

/**
 * Reads the stamp of the value at [at, at + length) into `out`: `ok`, `follows` when it counts from another record of its
 * batch (see StampReader), `foreign` when it is not a stamp at all, `damaged` when it starts as one and its checksum or
 * length disagrees.
 */
export function readStamp(
  source: Buffer,
  at: number,
  length: number,
  out: Stamp,
): 'ok' | 'follows' | 'foreign' | 'damaged' {
  const magic = length < 4 ? 0 : word(source, at);
  if (magic !== STAMP_MAGIC && magic !== FOLLOWER_MAGIC) return 'foreign';
  if (length < STAMP_BYTES || word(source, at + 28) >>> 0 !== checksum(source, at)) {
    return 'damaged';
  }
  out.runId = word(source, at + 4) >>> 0;
  out.stream = word(source, at + 8) >>> 0;
  out.sequence = (word(source, at + 12) >>> 0) + half(source, at + 16) * 0x1_0000_0000;
  out.intendedUs = (word(source, at + 18) >>> 0) + half(source, at + 22) * 0x1_0000_0000;
  out.valueBytes = word(source, at + 24) >>> 0;
  if (out.valueBytes !== length) return 'damaged';
  return magic === STAMP_MAGIC ? 'ok' : 'follows';
}

/** Reads the stamps of a log's records in the order of their offsets, so that whoever follows another is known too. */
export class StampReader {
  readonly stamp: Stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
  readonly #first: Stamp = { ...this.stamp };
  #firstOffset = -1;

  /** What comes next follows nobody that was read so far. */
  begin(): void {
    this.#firstOffset = -1;
  }

  /** As `readStamp`, into `stamp`; a follower of a record that was not read before it is `damaged`. */
  read(source: Buffer, at: number, length: number, offset: number): 'ok' | 'foreign' | 'damaged' {
    const { stamp } = this;
    const found = readStamp(source, at, length, stamp);
    if (found === 'ok') {
      Object.assign(this.#first, stamp);
      this.#firstOffset = offset;
    }
    if (found !== 'follows') return found;
    const first = this.#first;
    if (this.#firstOffset < 0 || offset - this.#firstOffset !== stamp.sequence) return 'damaged';
    if (stamp.runId !== first.runId) return 'damaged';
    stamp.stream = first.stream;
    stamp.sequence += first.sequence;
    stamp.intendedUs += first.intendedUs;
    return 'ok';
  }
}

/** Sixteen bits, little-endian, from where there are two bytes. */
const half = (source: Buffer, at: number): number =>
  (source[at] as number) | ((source[at + 1] as number) << 8);

/** Thirty-two bits as an int32; Buffer's own readers check what is known here. */
const word = (source: Buffer, at: number): number =>
  half(source, at) | (half(source, at + 2) << 16);

/** Murmur3's mixing over the seven words before the checksum; it guards the stamp, not the payload. */
function checksum(source: Buffer, at: number): number {
  let hash = 0;
  for (let i = 0; i < 28; i += 4) hash = mixIn(hash, word(source, at + i));
  return finish(hash) >>> 0;
}

/** One more of the words that the checksum is of, beginning with 0; for whoever writes many stamps in place. */
export function mixIn(hash: number, word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  const next = hash ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

/** The checksum, as an int32, once all seven words are mixed in. */
export function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

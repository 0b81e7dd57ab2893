/**
 * Counters of latencies as the compressed payload of a HdrHistogram V2, in base64. What the public library makes of the
 * same latencies reads the same; this needs no histogram to be filled first, and the compression that Node has.
 */
import { deflateSync } from 'node:zlib';

const COOKIE = 0x1c849313;
const COMPRESSED_COOKIE = 0x1c849314;
const HEADER_BYTES = 40;
const DIGITS = 3;
/** A count of 32 bits, in groups of seven. */
const WORD_BYTES = 5;

/**
 * `counts[b]`: how often a value of bucket b occurred, where buckets are those of three digits: 2048 of one microsecond,
 * and then 1024 for every doubling. `highest`: the highest of all values; its bucket is the last with a count.
 */
export function encodeCounts(counts: Uint32Array, last: number, highest: number): string {
  const payload = Buffer.alloc(HEADER_BYTES + (last + 1) * WORD_BYTES);
  let at = HEADER_BYTES;
  for (let bucket = 0; bucket <= last; ) {
    const count = counts[bucket] as number;
    let run = 1;
    if (count === 0) while (bucket + run <= last && counts[bucket + run] === 0) run += 1;
    // A single zero is a count, and several are their negative number; both in zigzag.
    at = writeWord(payload, at, count > 0 ? count * 2 : run > 1 ? run * 2 - 1 : 0);
    bucket += run;
  }
  payload.writeInt32BE(COOKIE, 0);
  payload.writeInt32BE(at - HEADER_BYTES, 4);
  payload.writeInt32BE(1, 8);
  payload.writeInt32BE(DIGITS, 12);
  payload.writeBigInt64BE(1n, 16);
  payload.writeBigInt64BE(BigInt(Math.max(2, highest)), 24);
  payload.writeBigInt64BE(1n, 32);
  const packed = deflateSync(payload.subarray(0, at));
  const head = Buffer.alloc(8);
  head.writeInt32BE(COMPRESSED_COOKIE, 0);
  head.writeInt32BE(packed.length, 4);
  return Buffer.concat([head, packed]).toString('base64');
}

function writeWord(into: Buffer, start: number, word: number): number {
  let at = start;
  let rest = word;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) into[at++] = (rest % 0x80) | 0x80;
  into[at++] = rest;
  return at;
}

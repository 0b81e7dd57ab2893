/**
 * The LZ4 frame format around the package's block codec, as Kafka writes and reads it: independent 64-KiB blocks
 * and no content checksum when writing; any sizes and checksums (unchecked: the batch's CRC covers all) when reading.
 */
import { compressBlock, decompressBlock } from 'lz4js';
import { hash as xxh32 } from 'lz4js/xxh32.js';
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';

const MAGIC = 0x184d2204;
const VERSION_1 = 0x40;
const INDEPENDENT = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const BLOCKS_OF_64_KIB = 4;
const STORED = 0x80000000;
const BLOCK_BYTES = 65_536;

export function lz4Compress(source: Buffer): Buffer {
  const blocks = Math.ceil(source.length / BLOCK_BYTES);
  const out = Buffer.allocUnsafe(7 + source.length + blocks * 8 + 4);
  out.writeUInt32LE(MAGIC, 0);
  out[4] = VERSION_1 | INDEPENDENT;
  out[5] = BLOCKS_OF_64_KIB << 4;
  out[6] = (xxh32(0, out, 4, 2) >>> 8) & 0xff;
  const scratch = new Uint8Array(BLOCK_BYTES + 512);
  let at = 7;
  for (let from = 0; from < source.length; from += BLOCK_BYTES) {
    const block = source.subarray(from, from + BLOCK_BYTES);
    const { size, taken } = compressed(block, scratch);
    if (taken > 0) at = writeBlock(out, at, size, scratch.subarray(0, size));
    const rest = block.subarray(taken);
    if (rest.length > 0) at = writeBlock(out, at, STORED + rest.length, rest);
  }
  out.writeUInt32LE(0, at);
  return out.subarray(0, at + 4);
}

function writeBlock(out: Buffer, at: number, word: number, body: Uint8Array): number {
  out.writeUInt32LE(word, at);
  out.set(body, at + 4);
  return at + 4 + body.length;
}

/** So many bytes before a block's end the last match must have begun; other readers than ours refuse the block. */
const LAST_MATCH = 12;
/** The package keeps to five literals at the end and lets matches begin up to ten bytes before it. */
const MOST_CUT = 16;
const MATCHES = new Uint32Array(65_536);

/**
 * As much of the block's beginning as can be compressed by the rules: `taken` bytes as `size` in `scratch`; 0 where it
 * grows, or where no cut of a few bytes mends its end.
 */
function compressed(block: Buffer, scratch: Uint8Array): { size: number; taken: number } {
  for (let taken = block.length; taken > block.length - MOST_CUT && taken > 0; taken--) {
    MATCHES.fill(0);
    const size = compressBlock(block, scratch, 0, taken, MATCHES);
    if (size === 0 || size >= taken) break;
    if (lastMatchAt(scratch, size) + LAST_MATCH <= taken) return { size, taken };
  }
  return { size: 0, taken: 0 };
}

/** Where the last match of a compressed block begins in what it unpacks to. */
function lastMatchAt(block: Uint8Array, size: number): number {
  let at = 0;
  let unpacked = 0;
  let last = 0;
  const length = (nibble: number): number => {
    let total = nibble;
    for (let more = nibble === 15; more; more = block[at - 1] === 255) total += block[at++] ?? 0;
    return total;
  };
  for (;;) {
    const token = block[at++] ?? 0;
    const literals = length(token >> 4);
    at += literals;
    unpacked += literals;
    if (at >= size) return last;
    last = unpacked;
    at += 2;
    unpacked += 4 + length(token & 15);
  }
}

/** Throws ProtocolError when it is not a frame, is cut off, or may hold more than `limit` bytes. */
export function lz4Decompress(source: Buffer, limit: number): Buffer {
  const blocks = blocksOf(source);
  const room = blocks.reduce((total, block) => total + block.room, 0);
  if (room > limit) throw new ProtocolError(`LZ4 data of up to ${room} bytes, more than ${limit}`);
  const out = Buffer.allocUnsafe(room);
  let filled = 0;
  for (const { at, bytes, stored } of blocks) {
    filled = stored
      ? filled + source.copy(out, filled, at, at + bytes)
      : decompressBlock(source, out, at, bytes, filled);
    // The package writes past a buffer's end silently when a block is damaged.
    if (filled > room) throw new ProtocolError('an LZ4 block is damaged');
  }
  return out.subarray(0, filled);
}

type Block = {
  readonly at: number;
  readonly bytes: number;
  readonly stored: boolean;
  /** What it holds at most. */
  readonly room: number;
};

function blocksOf(source: Buffer): readonly Block[] {
  const reader = new Reader(source);
  const { blockChecksums, room } = readHeader(reader);
  const blocks: Block[] = [];
  for (;;) {
    const word = source.readUInt32LE(reader.take(4));
    if (word === 0) return blocks;
    const stored = word >= STORED;
    const bytes = stored ? word - STORED : word;
    const at = reader.take(bytes);
    if (blockChecksums) reader.take(4);
    blocks.push({ at, bytes, stored, room: stored ? bytes : room });
  }
}

function readHeader(reader: Reader): { blockChecksums: boolean; room: number } {
  const magic = reader.buffer.readUInt32LE(reader.take(4));
  const flags = reader.uint16();
  const sizeCode = (flags >> 4) & 7;
  if (magic !== MAGIC || flags >> 14 !== 1 || sizeCode < BLOCKS_OF_64_KIB) {
    throw new ProtocolError('not an LZ4 frame');
  }
  const has = (flag: number): boolean => ((flags >> 8) & flag) !== 0;
  reader.take(1 + (has(CONTENT_SIZE) ? 8 : 0) + (has(DICTIONARY) ? 4 : 0));
  return { blockChecksums: has(BLOCK_CHECKSUM), room: 1 << (8 + 2 * sizeCode) };
}

/**
 * Compressed data whose first bytes stand in it as they are, so that they can be written over and the rest, compressed
 * once, is used again. Every codec of Kafka's has blocks, or parts of one, that are stored: the first is such a one.
 */
import { crc32, deflateRawSync } from 'node:zlib';
import { type Compressor, XERIAL_HEADER } from './compression.ts';

export type OpenFrame = {
  readonly bytes: Buffer;
  /** Where the open bytes begin. */
  readonly openAt: number;
  /** From here on the bytes depend on the open ones again, and `seal` writes them; the length where there are none. */
  readonly sealAt: number;
  /** Makes the frame whole that begins at `at` of `target`, once its open bytes are written. */
  readonly seal: (target: Buffer, at: number) => void;
};

/** The first `open` bytes, 60 at most, stand as they are; something must be behind them. */
export function compressOpen(compressor: Compressor, data: Buffer, open: number): OpenFrame {
  if (open > MOST_OPEN || open >= data.length) throw new Error(`${open} of ${data.length} open`);
  return FRAMES[compressor.name](data.subarray(0, open), data.subarray(open), compressor);
}

/** What a snappy literal may have with a tag of one byte. */
const MOST_OPEN = 60;

type Framing = (open: Buffer, rest: Buffer, compressor: Compressor) => OpenFrame;

const FRAMES: Readonly<Record<Compressor['name'], Framing>> = {
  gzip: gzipFrame,
  snappy: snappyFrame,
  lz4: lz4Frame,
  zstd: zstdFrame,
};

/** Nothing in the frame depends on the open bytes. */
function unsealed(head: readonly Buffer[], open: Buffer, tail: Buffer): OpenFrame {
  const openAt = head.reduce((total, { length }) => total + length, 0);
  const bytes = Buffer.concat([...head, open, tail]);
  return { bytes, openAt, sealAt: bytes.length, seal: () => {} };
}

/** Deflate, no flags, no time, no level, an unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

function gzipFrame(open: Buffer, rest: Buffer): OpenFrame {
  const stored = Buffer.alloc(5);
  stored.writeUInt16LE(open.length, 1);
  stored.writeUInt16LE(~open.length & 0xffff, 3);
  const head = [GZIP_HEADER, stored];
  const { bytes, openAt } = unsealed(head, open, Buffer.concat([deflateRawSync(rest), CHECK]));
  const sealAt = bytes.length - CHECK.length;
  bytes.writeUInt32LE(open.length + rest.length, sealAt + 4);
  const seal = (target: Buffer, at: number): void => {
    const from = at + openAt;
    const sum = crc32(rest, crc32(target.subarray(from, from + open.length)));
    target.writeUInt32LE(sum, at + sealAt);
  };
  return { bytes, openAt, sealAt, seal };
}

/** Room for the checksum and the length behind a gzip stream. */
const CHECK = Buffer.alloc(8);

function snappyFrame(open: Buffer, rest: Buffer, { compress }: Compressor): OpenFrame {
  const block = Buffer.alloc(6);
  block.writeInt32BE(2 + open.length, 0);
  block[4] = open.length;
  block[5] = (open.length - 1) << 2;
  return unsealed([XERIAL_HEADER, block], open, compress(rest).subarray(XERIAL_HEADER.length));
}

const LZ4_HEADER_BYTES = 7;
const LZ4_STORED = 0x8000_0000;

function lz4Frame(open: Buffer, rest: Buffer, { compress }: Compressor): OpenFrame {
  const frame = compress(rest);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(LZ4_STORED + open.length, 0);
  const header = frame.subarray(0, LZ4_HEADER_BYTES);
  return unsealed([header, size], open, frame.subarray(LZ4_HEADER_BYTES));
}

const ZSTD_MAGIC_BYTES = 4;

/** The blocks of a frame depend on those before only through what they refer to, and a stored one changes nothing. */
function zstdFrame(open: Buffer, rest: Buffer, { compress }: Compressor): OpenFrame {
  const frame = compress(rest);
  const descriptor = frame.readUInt8(ZSTD_MAGIC_BYTES);
  if ((descriptor & 0b111) !== 0) throw new Error(`a zstd frame with flags ${descriptor}`);
  const header = Buffer.alloc(ZSTD_MAGIC_BYTES + 2 + 3);
  frame.copy(header, 0, 0, ZSTD_MAGIC_BYTES);
  // No flags: neither a length nor a checksum. The window, a power of two, takes in all there is.
  header[ZSTD_MAGIC_BYTES + 1] = (windowLog(open.length + rest.length) - 10) << 3;
  header.writeUIntLE(open.length << 3, ZSTD_MAGIC_BYTES + 2, 3);
  return unsealed([header], open, frame.subarray(zstdHeaderBytes(descriptor)));
}

/** At least a block of the greatest size, 128 KiB. */
const windowLog = (bytes: number): number => Math.max(17, Math.ceil(Math.log2(bytes)));

/** Magic, descriptor, window (unless it is the whole content) and length of the content. */
function zstdHeaderBytes(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const lengthBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  return ZSTD_MAGIC_BYTES + 1 + (single ? 0 : 1) + lengthBytes;
}

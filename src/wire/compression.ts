/**
 * Kafka's compression codecs, without native code: all of them both compress and decompress. The promise is there
 * because zstd is WebAssembly, loaded when first used.
 */
import { promisify } from 'node:util';
import { gunzip, gzip, gzipSync } from 'node:zlib';
import type { Zstd } from '@hpcc-js/wasm-zstd';
import { Decompress as ZstdReader } from 'fzstd';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappyjs';
import { messageOf } from '../lib/errors.ts';
import { lz4Compress, lz4Decompress } from './lz4-frame.ts';
import { ProtocolError } from './protocol-error.ts';

export type CodecName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export type Codec = {
  /** The low three bits of a batch's attributes. */
  readonly id: number;
  readonly compress: (data: Buffer) => Promise<Buffer>;
  /** Throws ProtocolError when the data is damaged. */
  readonly decompress: (data: Buffer) => Promise<Buffer>;
};

/** No batch unpacks to more than this: Kafka's own limits are far below, and a damaged one must not eat the memory. */
const MAX_BYTES = 128 * 1024 * 1024;

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

export const CODECS: Readonly<Record<CodecName, Codec>> = {
  none: { id: 0, compress: async (data) => data, decompress: async (data) => data },
  gzip: {
    id: 1,
    compress: (data) => gzipAsync(data),
    decompress: (data) => checked('gzip', () => gunzipAsync(data, { maxOutputLength: MAX_BYTES })),
  },
  snappy: {
    id: 2,
    compress: async (data) => xerialCompress(data),
    decompress: (data) => checked('snappy', () => xerialDecompress(data)),
  },
  lz4: {
    id: 3,
    compress: async (data) => lz4Compress(data),
    decompress: (data) => checked('lz4', () => lz4Decompress(data, MAX_BYTES)),
  },
  zstd: {
    id: 4,
    compress: async (data) => asBuffer((await loadZstd()).compress(data)),
    decompress: (data) => checked('zstd', () => zstdDecompress(data)),
  },
};

/** Compresses at once, for whoever cannot wait. */
export type Compressor = {
  readonly name: Exclude<CodecName, 'none'>;
  /** The low three bits of a batch's attributes. */
  readonly id: number;
  readonly compress: (data: Buffer) => Buffer;
};

export async function loadCompressor(name: Compressor['name']): Promise<Compressor> {
  const { id } = CODECS[name];
  if (name === 'zstd') {
    const zstd = await loadZstd();
    return { name, id, compress: (data) => asBuffer(zstd.compress(data)) };
  }
  return { name, id, compress: AT_ONCE[name] };
}

const AT_ONCE: Readonly<Record<'gzip' | 'snappy' | 'lz4', Compressor['compress']>> = {
  gzip: (data) => gzipSync(data),
  snappy: (data) => xerialCompress(data),
  lz4: lz4Compress,
};

export const codecName = (id: number): CodecName | undefined =>
  (Object.keys(CODECS) as CodecName[]).find((name) => CODECS[name].id === id);

async function checked(what: string, work: () => Buffer | Promise<Buffer>): Promise<Buffer> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ProtocolError ? error : damaged(what, error);
  }
}

const damaged = (what: string, cause: unknown): ProtocolError =>
  new ProtocolError(`${what} data is damaged: ${messageOf(cause)}`, cause);

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Java frames snappy as xerial's stream: a magic, two versions, then blocks of a length and raw snappy. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
export const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const XERIAL_BLOCK_BYTES = 32 * 1024;

function xerialCompress(data: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < data.length; at += XERIAL_BLOCK_BYTES) {
    const block = snappyCompress(data.subarray(at, at + XERIAL_BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** librdkafka writes raw snappy instead. */
function xerialDecompress(data: Buffer): Buffer {
  if (!data.subarray(0, 8).equals(XERIAL_MAGIC)) return snappyUncompress(data, MAX_BYTES);
  const parts: Buffer[] = [];
  let total = 0;
  for (let at = XERIAL_HEADER.length; at < data.length; ) {
    const size = data.readInt32BE(at);
    at += 4;
    if (size < 0 || size > data.length - at) throw new ProtocolError('a snappy block is cut off');
    const part = snappyUncompress(data.subarray(at, at + size), MAX_BYTES - total);
    total += part.length;
    parts.push(part);
    at += size;
  }
  return Buffer.concat(parts, total);
}

async function loadZstd(): Promise<Zstd> {
  return (await import('@hpcc-js/wasm-zstd')).Zstd.load();
}

/** The pure JavaScript reader is several times faster here than the WebAssembly one, and knows streamed frames. */
function zstdDecompress(data: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  let total = 0;
  const stream = new ZstdReader((part) => {
    total += part.length;
    if (total > MAX_BYTES) throw new ProtocolError(`zstd data of more than ${MAX_BYTES} bytes`);
    parts.push(part);
  });
  stream.push(data, true);
  return Buffer.concat(parts, total);
}

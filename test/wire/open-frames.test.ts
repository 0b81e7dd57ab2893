/** Frames with their first bytes open, against the readers that everything else uses, and others where there are. */
import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { Zstd } from '@hpcc-js/wasm-zstd';
import { describe, expect, test } from 'vitest';
import { CODECS, type Compressor, loadCompressor } from '../../src/wire/compression.ts';
import { compressOpen } from '../../src/wire/open-frames.ts';

const NAMES: readonly Compressor['name'][] = ['gzip', 'snappy', 'lz4', 'zstd'];

/** Half of it compresses away; a prime step keeps the rest from repeating itself soon. */
const content = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (i % 100 < 50 ? 46 : (i * i * 31) >>> 3)));

async function filled(name: Compressor['name'], data: Buffer, open: number): Promise<Buffer> {
  const frame = compressOpen(await loadCompressor(name), Buffer.from(data).fill(0, 0, open), open);
  const target = Buffer.concat([Buffer.from('in front'), frame.bytes]);
  data.copy(target, 8 + frame.openAt, 0, open);
  frame.seal(target, 8);
  return target.subarray(8);
}

describe.each(NAMES)('%s', (name) => {
  test.each([
    [1, 2],
    [42, 43],
    [42, 109],
    [60, 16_384],
    [42, 32_768 + 42],
    [42, 70_000],
    [42, 1_000_000],
  ])('%i of %i bytes are open', async (open, bytes) => {
    const data = content(bytes);
    const frame = await filled(name, data, open);
    expect((await CODECS[name].decompress(frame)).equals(data)).toBe(true);
    if (bytes > 1000) expect(frame.length).toBeLessThan(bytes);
  });

  test('refuses more than it has room for, and nothing behind it', async () => {
    const compressor = await loadCompressor(name);
    expect(() => compressOpen(compressor, content(100), 61)).toThrow(/61 of 100 open/);
    expect(() => compressOpen(compressor, content(40), 40)).toThrow(/40 of 40 open/);
  });
});

test('gzip is one member with the right checksum', async () => {
  const data = content(20_000);
  const frame = await filled('gzip', data, 42);
  expect(execFileSync('gzip', ['-dc'], { input: frame }).equals(data)).toBe(true);
  frame[20] = (frame[20] as number) ^ 1;
  expect(() => gunzipSync(frame)).toThrow(/incorrect data check/);
});

test('the reference reader of zstd reads it too', async () => {
  const zstd = await Zstd.load();
  for (const bytes of [100, 5000, 70_000, 300_000]) {
    const data = content(bytes);
    const frame = await filled('zstd', data, 42);
    expect(Buffer.from(zstd.decompress(frame)).equals(data), `${bytes} bytes`).toBe(true);
  }
});

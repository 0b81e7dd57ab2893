/** Values carry their stamp, have the asked size, and compress as asked. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readStamp, STAMP_BYTES } from '../../src/payload/stamp.ts';
import { createTemplate } from '../../src/payload/template.ts';

const one = (bytes: number, compressibility = 0) =>
  createTemplate({ size: [{ bytes, weight: 1 }], compressibility }, 99, 5);

test.each([STAMP_BYTES, 100, 1024, 3_000_000])('a value of %d bytes', (bytes) => {
  const value = one(bytes).valueOf(3, 77, 123_456);
  const stamp = { runId: 0, stream: 0, sequence: 0, intendedUs: 0, valueBytes: 0 };
  expect(readStamp(value, 0, value.length, stamp)).toBe('ok');
  expect(stamp).toEqual({
    ...{ runId: 99, stream: 3, sequence: 77, intendedUs: 123_456, valueBytes: bytes },
  });
});

test('a value is the same for everyone who asks', () => {
  expect(one(500).valueOf(1, 2, 3)).toEqual(one(500).valueOf(1, 2, 3));
  expect(one(500).valueOf(1, 2, 3)).not.toEqual(one(500).valueOf(1, 3, 3));
});

test('sizes follow their weights and are those of the values', () => {
  const size = [
    { bytes: 100, weight: 0.75 },
    { bytes: 1000, weight: 0.25 },
  ];
  const template = createTemplate({ size, compressibility: 0 }, 1, 5);
  let small = 0;
  for (let sequence = 0; sequence < 4000; sequence++) {
    const bytes = template.sizeOf(2, sequence);
    if (bytes === 100) small += 1;
    if (sequence < 20) expect(template.valueOf(2, sequence, 0)).toHaveLength(bytes);
  }
  expect(Math.abs(small - 3000)).toBeLessThan(150);
});

test('a batch compresses to about what was asked, not better by repeating itself', () => {
  const packed = (compressibility: number): number => {
    const template = one(1024, compressibility);
    const batch = Array.from({ length: 30 }, (_, sequence) => template.valueOf(0, sequence, 0));
    return gzipSync(Buffer.concat(batch)).length / (30 * 1024);
  };
  expect(packed(0)).toBeGreaterThan(0.97);
  expect(packed(0.5)).toBeGreaterThan(0.45);
  expect(packed(0.5)).toBeLessThan(0.6);
  expect(packed(1)).toBeLessThan(0.1);
});

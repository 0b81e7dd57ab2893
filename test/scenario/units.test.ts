/** Units: what is read, what is refused and how, and that what is written reads back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatByteRate,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  formatSize,
  type Parsed,
  parseByteRate,
  parseCount,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
} from '../../src/scenario/units.ts';

const read = <T>(result: Parsed<T>): T => {
  if (!result.ok) throw new Error(result.message);
  return result.value;
};
const advice = (result: Parsed<unknown>): string | undefined => {
  if (result.ok) throw new Error(`unexpectedly read as ${result.value}`);
  return result.hint;
};

describe('durations', () => {
  test.each([
    ['0s', 0],
    ['250ms', 250],
    ['0.5ms', 0.5],
    ['30s', 30_000],
    ['1.1s', 1100],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1h2m3s4ms', 3_723_004],
  ])('%s', (text, ms) => expect(read(parseDuration(text))).toBe(ms));

  test.each([
    ['30', 'write 30s or 30ms'],
    ['30 s', 'write 30s'],
    ['30S', 'write 30s'],
    ['30sec', 'write 30s'],
    ['5min', 'write 5m'],
    ['-1s', 'write it as'],
    ['1s1m', '1m30s'],
    ['1s1s', '1m30s'],
    ['1e3s', 'write it as'],
    ['', 'write it as'],
    ['s', 'write it as'],
  ])('not %j', (text, hint) => expect(advice(parseDuration(text))).toContain(hint));

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(read(parseDuration(formatDuration(ms)))).toBe(ms);
      }),
    );
    expect(formatDuration(90_000)).toBe('1m30s');
    expect(formatDuration(0.25)).toBe('0.25ms');
  });
});

describe('sizes', () => {
  test.each([
    ['100B', 100],
    ['1kB', 1000],
    ['1KiB', 1024],
    ['1.5KiB', 1536],
    ['2MB', 2_000_000],
    ['1 MiB', 1_048_576],
    ['1GiB', 1_073_741_824],
    ['1GB', 1_000_000_000],
  ])('%s', (text, bytes) => expect(read(parseSize(text))).toBe(bytes));

  test.each([
    ['1024', '1024B'],
    ['1KB', '1KiB (powers of 1024) or 1kB'],
    ['1k', '1KiB'],
    ['1mb', '1MiB'],
    ['0.3B', undefined],
    ['KiB', 'write it as'],
  ])('not %j', (text, hint) => {
    if (hint === undefined) expect(parseSize(text).ok).toBe(false);
    else expect(advice(parseSize(text))).toContain(hint);
  });

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(read(parseSize(formatSize(bytes)))).toBe(bytes);
        expect(read(parseByteRate(formatByteRate(bytes)))).toBe(bytes);
      }),
    );
    expect(formatSize(1_048_576)).toBe('1MiB');
    expect(formatSize(1500)).toBe('1500B');
  });
});

describe('rates, counts and shares', () => {
  test.each([
    [parseRate, '5k/s', 5000],
    [parseRate, '200/s', 200],
    [parseRate, '1.5M/s', 1_500_000],
    [parseRate, '0.5/s', 0.5],
    [parseCount, '1000', 1000],
    [parseCount, '5k', 5000],
    [parseByteRate, '1MiB/s', 1_048_576],
    [parseShare, '50%', 0.5],
    [parseShare, '0.1%', 0.001],
    [parseShare, '7%', 0.07],
  ])('%o %s', (parse, text, value) => expect(read(parse(text))).toBe(value));

  test.each([
    [parseRate, '5000', 'write 5000/s'],
    [parseRate, '5k', 'write 5k/s'],
    [parseRate, '5K/s', '5k/s'],
    [parseRate, '-5/s', '5k/s'],
    [parseCount, 'many', '500'],
    [parseByteRate, '1MiB', 'write 1MiB/s'],
    [parseByteRate, '5k/s', '1MiB/s'],
    [parseShare, '0.5', 'write 50%'],
    [parseShare, '50', 'write 50%'],
  ])('%o not %s', (parse, text, hint) => expect(advice(parse(text))).toContain(hint));

  test('a share is at most the whole', () => expect(parseShare('101%').ok).toBe(false));

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (count) => {
        expect(read(parseCount(formatCount(count)))).toBe(count);
        expect(read(parseRate(formatRate(count)))).toBe(count);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
        const share = read(parseShare(`${thousandths / 1000}%`));
        expect(read(parseShare(formatShare(share)))).toBe(share);
      }),
    );
  });
});

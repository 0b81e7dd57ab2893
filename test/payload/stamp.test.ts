/** Who follows another record is known by it, and by nothing else. */
import { describe, expect, test } from 'vitest';
import { STAMP_BYTES, StampReader, writeFollower, writeStamp } from '../../src/payload/stamp.ts';

const BYTES = 100;
const stamp = { runId: 7, stream: 3, sequence: 1000, intendedUs: 5_000_000, valueBytes: BYTES };

function first(): Buffer {
  const value = Buffer.alloc(BYTES);
  writeStamp(value, 0, stamp);
  return value;
}

function follower(behind: number, runId = 7): Buffer {
  const value = Buffer.alloc(BYTES);
  const later = { sequence: behind, intendedUs: behind * 10, valueBytes: BYTES };
  writeFollower(value, 0, { runId, ...later });
  return value;
}

const read = (reader: StampReader, value: Buffer, offset: number) =>
  reader.read(value, 0, value.length, offset);

test('a follower counts from the record that many offsets before it', () => {
  const reader = new StampReader();
  expect(read(reader, first(), 500)).toBe('ok');
  expect(reader.stamp).toEqual(stamp);
  for (const behind of [1, 2, 40]) {
    expect(read(reader, follower(behind), 500 + behind)).toBe('ok');
    const sequence = 1000 + behind;
    expect(reader.stamp).toEqual({ ...stamp, sequence, intendedUs: 5_000_000 + behind * 10 });
  }
});

describe('damaged is', () => {
  test('a follower of nobody', () => {
    expect(read(new StampReader(), follower(1), 501)).toBe('damaged');
  });

  test('a follower elsewhere than so far behind', () => {
    const reader = new StampReader();
    read(reader, first(), 500);
    expect(read(reader, follower(2), 501)).toBe('damaged');
  });

  test('a follower of another batch', () => {
    const reader = new StampReader();
    read(reader, first(), 500);
    reader.begin();
    expect(read(reader, follower(1), 501)).toBe('damaged');
  });

  test('a follower of another run', () => {
    const reader = new StampReader();
    read(reader, first(), 500);
    expect(read(reader, follower(1, 8), 501)).toBe('damaged');
  });

  test('a stamp with a byte changed', () => {
    for (let at = 4; at < STAMP_BYTES; at++) {
      const reader = new StampReader();
      read(reader, first(), 500);
      const value = follower(1);
      value[at] = (value[at] as number) ^ 1;
      expect(read(reader, value, 501)).toBe('damaged');
    }
  });
});

test('what has no stamp is foreign', () => {
  expect(read(new StampReader(), Buffer.alloc(BYTES), 0)).toBe('foreign');
  expect(new StampReader().read(Buffer.alloc(0), 0, -1, 0)).toBe('foreign');
});

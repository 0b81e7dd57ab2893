/** What the follower tells of one partition, and when it keeps silent. */
import { describe, expect, test } from 'vitest';
import { FollowedPlace, type Found } from '../../../src/audit/follower/followed-place.ts';

const run = (offset: number, count: number, first = offset, stream = 0) => ({
  ...{ offset, count, first, stream },
});

/** A partition that holds what it reads from 0 to `end`, as it was sent. */
function read(end: number, limit = 100): FollowedPlace {
  const place = new FollowedPlace(0, limit);
  place.read(run(0, end));
  place.passed(end, { logStart: 0, highWatermark: end }, 0);
  return place;
}

/** Goes over the log once more from where the place wants it, with what stands there now. */
function again(
  place: FollowedPlace,
  runs: readonly ReturnType<typeof run>[],
  end: number,
  nowUs = 0,
): readonly Found[] {
  for (const one of runs) place.read(one);
  return place.passed(end, { logStart: 0, highWatermark: end }, nowUs);
}

describe('silent', () => {
  test('when what was acknowledged stands in the log, whichever is known first', () => {
    const place = read(10);
    place.acknowledged(run(0, 10), 0);
    place.acknowledged(run(10, 5), 0);
    expect(again(place, [run(10, 5)], 15)).toEqual([]);
    expect(place).toMatchObject({ matched: 15, unjudged: 0, position: 15 });
  });

  test('when the log becomes another one behind a mistaken reading and is the same', () => {
    const place = read(10);
    place.lookAgain();
    expect(place.position).toBe(0);
    expect(again(place, [run(0, 10)], 10)).toEqual([]);
  });

  test('when retention takes what was acknowledged before it was read', () => {
    const place = read(10);
    place.acknowledged(run(10, 5), 0);
    place.beginsAt(15);
    expect(again(place, [run(15, 5)], 20)).toEqual([]);
    expect(place.unjudged).toBe(5);
  });

  test('about what it had to forget', () => {
    const place = new FollowedPlace(0, 2);
    for (let offset = 0; offset < 20; offset++) place.read(run(offset, 1, offset * 2));
    place.acknowledged(run(0, 1, 99), 0);
    expect(place.passed(20, { logStart: 0, highWatermark: 20 }, 0)).toEqual([]);
    expect(place.unjudged).toBe(1);
  });

  test('when more is acknowledged than it may hold', () => {
    const place = new FollowedPlace(0, 2);
    for (let i = 0; i < 5; i++) place.acknowledged(run(i * 2, 1), 0);
    expect(place.unjudged).toBe(3);
  });

  test('when a record stands at another offset than its acknowledgement says: that is no loss', () => {
    const place = read(10);
    place.acknowledged(run(4, 1, 7), 0);
    expect(again(place, [], 10)).toEqual([]);
    expect(again(place, [run(4, 6)], 10)).toEqual([]);
    expect(place.unjudged).toBe(1);
  });
});

describe('lost', () => {
  test('when another record stands at its offset, also at a second look', () => {
    const place = read(10);
    place.acknowledged(run(4, 2, 100), 0);
    expect(again(place, [], 10)).toEqual([]);
    expect(place.position).toBe(4);
    expect(again(place, [run(4, 6)], 10)).toEqual([
      { kind: 'lost', count: 2, example: expect.objectContaining({ offset: 4, first: 100 }) },
    ]);
  });

  test('when nothing stands there at all', () => {
    const place = read(10);
    place.acknowledged(run(10, 3), 0);
    expect(again(place, [run(13, 2, 13)], 15)).toEqual([]);
    expect(again(place, [run(13, 2, 13)], 15)).toMatchObject([{ kind: 'lost', count: 3 }]);
  });

  test('not when the second look finds it there', () => {
    const place = read(10);
    place.acknowledged(run(8, 2, 50), 0);
    expect(again(place, [], 10)).toEqual([]);
    // What had been read there before is gone instead.
    expect(again(place, [run(8, 2, 50)], 10)).toEqual([
      { kind: 'gone', count: 2, runs: [run(8, 2)] },
    ]);
    expect(place.matched).toBe(2);
  });
});

describe('gone', () => {
  test('when a new leader has other records at their offsets', () => {
    const place = read(10);
    place.lookAgain();
    expect(again(place, [run(0, 7), run(7, 5, 200)], 12)).toEqual([
      { kind: 'gone', count: 3, runs: [run(7, 3)] },
    ]);
  });

  test('when the log ends before them', () => {
    const place = read(10);
    expect(place.endsAt(6)).toEqual([{ kind: 'gone', count: 4, runs: [run(6, 4)] }]);
    expect(place.position).toBe(6);
    expect(place.endsAt(6)).toEqual([]);
  });

  test('when the log turns out to end before them, for which it asks behind a high watermark that stays low', () => {
    const place = read(10);
    place.lookAgain();
    expect(again(place, [run(0, 6)], 6, 1_000_000)).toEqual([]);
    again(place, [], 6, 5_999_999);
    expect(place).toMatchObject({ probing: false, asks: 6 });
    again(place, [], 6, 6_000_000);
    expect(place).toMatchObject({ probing: true, asks: 10 });
    expect(place.endsAt(6)).toMatchObject([{ kind: 'gone', count: 4 }]);
    expect(place).toMatchObject({ probing: false, asks: 6 });
  });

  test('not when the high watermark comes back in time', () => {
    const place = read(10);
    place.lookAgain();
    expect(again(place, [run(0, 6)], 6, 1_000_000)).toEqual([]);
    expect(again(place, [run(6, 4)], 10, 2_000_000)).toEqual([]);
  });
});

describe('hidden', () => {
  test('when it is acknowledged and stays behind the high watermark, and shown once it is not', () => {
    const place = read(10);
    place.acknowledged(run(10, 4), 1_000_000);
    const bounds = { logStart: 0, highWatermark: 10 };
    expect(place.passed(10, bounds, 3_999_999)).toEqual([]);
    expect(place.passed(10, bounds, 4_000_000)).toEqual([{ kind: 'hidden', count: 4, from: 10 }]);
    expect(place.passed(10, bounds, 5_000_000)).toEqual([]);
    expect(again(place, [run(10, 4)], 14, 6_000_000)).toMatchObject([{ kind: 'shown', count: 4 }]);
  });

  test('not while the follower has not come to the high watermark itself', () => {
    const place = read(10);
    place.acknowledged(run(10, 4), 0);
    expect(place.passed(10, { logStart: 0, highWatermark: 14 }, 9_000_000)).toEqual([]);
  });
});

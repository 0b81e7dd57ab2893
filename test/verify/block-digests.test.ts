/** Digests agree on what is the same in whatever slices and order, and on nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK, BlockDigests } from '../../src/verify/block-digests.ts';

type Run = readonly [first: number, count: number, offset: number];

/** Runs of a stream one after another in a log where others write as well. */
const logs = fc
  .array(fc.tuple(fc.integer({ min: 1, max: BLOCK }), fc.integer({ min: 0, max: 3 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((steps) => {
    let [first, offset] = [0, 0];
    return steps.map(([count, gap]): Run => {
      const run = [first, count, offset + gap] as const;
      first += count;
      offset += gap + count;
      return run;
    });
  });

/** The same records in smaller runs. */
const cut = (runs: readonly Run[], at: number): Run[] =>
  runs.flatMap(([first, count, offset]): Run[] => {
    const head = at % count;
    return head === 0
      ? [[first, count, offset]]
      : [
          [first, head, offset],
          [first + head, count - head, offset + head],
        ];
  });

function doubtful(read: readonly Run[], acknowledged: readonly Run[]): number[] {
  const digests = new BlockDigests();
  for (const run of read) digests.read(...run);
  for (const run of acknowledged) digests.acknowledged(...run);
  return digests.doubtful();
}

test('the same records in other slices and in another order are the same', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (runs, at) => {
      expect(doubtful(runs, cut(runs, at).reverse())).toEqual([]);
    }),
  );
});

test('one record that stands elsewhere leaves its block in doubt, and no other', () => {
  fc.assert(
    fc.property(logs, fc.nat(), fc.integer({ min: 1, max: 2 ** 40 }), (runs, lot, by) => {
      const [first, count, offset] = runs[lot % runs.length] as Run;
      const into = lot % count;
      const acknowledged = runs.flatMap((run): Run[] =>
        run[0] !== first
          ? [run]
          : [
              [first, into, offset],
              [first + into, 1, offset + into + by],
              [first + into + 1, count - into - 1, offset + into + 1],
            ],
      );
      expect(doubtful(runs, acknowledged)).toEqual([Math.floor((first + into) / BLOCK)]);
    }),
  );
});

test('two records of a stream that changed places are in doubt', () => {
  expect(doubtful([[0, 10, 0]], [[0, 3, 0], [3, 1, 4], [4, 1, 3], [5, 5, 5]])).toEqual([0]); // biome-ignore format: a table
});

test('what nobody acknowledged is in no doubt, but for a question', () => {
  const digests = new BlockDigests();
  digests.read(0, 3 * BLOCK, 7);
  expect(digests.doubtful()).toEqual([]);
  digests.ask(1);
  expect(digests.doubtful()).toEqual([1]);
});

test('what was acknowledged and is not there is in doubt', () => {
  expect(doubtful([[0, 10, 0]], [[0, 10, 0], [BLOCK, 1, BLOCK]])).toEqual([1]); // biome-ignore format: a table
});

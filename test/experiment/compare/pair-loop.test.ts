/** The order of runs, and every way a comparison can end, without a cluster. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../../src/experiment/compare/journal.ts';
import {
  type Made,
  makePairs,
  type PairLoop,
  type Run,
} from '../../../src/experiment/compare/pair-loop.ts';
import type { Refusal } from '../../../src/experiment/compare/refusal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-pairs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const RULES = { error: 0.01, practical: 0.1, tolerance: 0, deciding: ['p50(ack)'] };
const journal = () => new Journal(folder, { base: 'a', candidate: 'b', seed: 7 });

const took = (ms: number, refusal: Refusal | null = null): Made => ({
  values: { 'p50(ack)': ms },
  neighbours: null,
  refusal,
});

/** Makes pairs until they end, and tells what was asked for. */
async function loop(make: (run: Run, asked: number) => Made, options: Partial<PairLoop> = {}) {
  const asked: Run[] = [];
  const told: string[] = [];
  const end = await makePairs(
    {
      ...{ journal: journal(), rules: RULES, most: 24, untilMs: Infinity, seed: 7 },
      onPair: ({ number }) => told.push(`pair ${number}`),
      onVoid: (number, why) => told.push(`void ${number}: ${why}`),
      onLook: (_, pairs) => told.push(`look ${pairs}`),
      ...options,
    },
    async (run) => make(run, asked.push(run)),
  );
  return { end, told, asked, names: asked.map(({ name }) => name) };
}

const LATE: Refusal = { kind: 'generator', why: 'late' };

test('runs come as A-B-B-A behind one that warms, with the same seed in a pair', async () => {
  const { names, asked } = await loop(({ side }) => took(side === 'base' ? 1 : 9));
  expect(names.slice(0, 9)).toEqual([
    'warming',
    ...['pair-01-base', 'pair-01-candidate', 'pair-02-candidate', 'pair-02-base'],
    ...['pair-03-base', 'pair-03-candidate', 'pair-04-candidate', 'pair-04-base'],
  ]);
  expect(asked.slice(0, 5).map(({ seed }) => seed)).toEqual([7, 8, 8, 9, 9]);
  expect(asked.filter(({ isWarming }) => isWarming)).toHaveLength(1);
});

test('it ends at the first look that decides, and begins nothing when it is asked again', async () => {
  const make = ({ side }: Run): Made => took(side === 'base' ? 1 : 9);
  const first = await loop(make);
  expect(first.end).toBe('done');
  expect(first.told.at(-1)).toBe('look 4');
  const again = await loop(make);
  expect({ end: again.end, names: again.names }).toEqual({ end: 'done', names: [] });
});

/** So different that no look decides. */
const wild = (_: Run, asked: number): Made => took([1, 9, 4, 30, 2, 17][asked % 6] ?? 1);

test('what is never decided ends with the last pair that was allowed, and a last look', async () => {
  const { told } = await loop(wild, { most: 7 });
  expect(told.filter((line) => line.startsWith('look'))).toEqual(['look 4', 'look 6', 'look 7']);
  // With more pairs it goes on where it was, and the looks before stay taken.
  const more = await loop(wild, { most: 8 });
  expect(more.told).toEqual(['pair 8', 'look 8']);
  expect(journal().looked).toEqual([4, 6, 7, 8]);
});

test('a budget that is used up ends it after a whole pair', async () => {
  const { end, told } = await loop(wild, { untilMs: 0 });
  expect({ end, told }).toEqual({ end: 'done', told: ['pair 1'] });
});

test('a generator that was late voids its pair, which is made again in the same order', async () => {
  const { names, told } = await loop(
    ({ name }) => (name === 'pair-02-base' ? took(1, LATE) : took(1)),
    { most: 4 },
  );
  expect(told.slice(0, 3)).toEqual(['pair 1', 'void 2: pair-02-base: late', 'pair 3']);
  expect(names.slice(3, 7)).toEqual([
    ...['pair-02-candidate', 'pair-02-base', 'pair-03-candidate', 'pair-03-base'],
  ]);
});

test('a generator that is late again and again is the limit', async () => {
  const { end, told } = await loop(({ side }) => took(1, side === 'candidate' ? LATE : null));
  expect(end).toEqual({ kind: 'generator', why: 'pair-04-candidate: late' });
  expect(told).toHaveLength(3);
});

test('a loss ends it at once, also while it warms', async () => {
  const lost: Refusal = { kind: 'delivery', why: 'it lost 1 acknowledged record' };
  const warming = await loop(() => took(1, lost));
  expect(warming.end).toEqual({ ...lost, why: `warming: ${lost.why}` });
  const later = await loop(({ name }) => took(1, name === 'pair-01-candidate' ? lost : null));
  expect(later.end).toMatchObject({ kind: 'delivery' });
  expect(journal().pairs).toEqual([]);
});

test('half a pair that was interrupted is made again, both runs of it', async () => {
  const { end } = await loop(({ name }) => (name === 'pair-02-base' ? 'interrupted' : took(1)));
  expect(end).toBe('interrupted');
  expect(journal().pairs).toHaveLength(1);
  const { names } = await loop(() => took(1), { most: 4 });
  expect(names.slice(0, 3)).toEqual(['warming', 'pair-02-candidate', 'pair-02-base']);
});

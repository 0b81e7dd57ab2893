/** A comparison goes on from its journal, and never from that of another. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pair } from '../../../src/experiment/compare/findings.ts';
import { Journal, PAIRS_FILE } from '../../../src/experiment/compare/journal.ts';

const QUESTION = { base: 'name: a', candidate: 'name: b', seed: 1 };

const pair = (number: number): Pair => ({
  number,
  first: 'base',
  seed: number,
  base: { folder: 'a', values: { rate: 5, 'p99(e2e)': null }, neighbours: null },
  candidate: { folder: 'b', values: { rate: 6, 'p99(e2e)': null }, neighbours: null },
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was written is there again', () => {
  const first = new Journal(folder, QUESTION);
  first.addPair(pair(1));
  first.addVoid(2, 'late');
  first.addPair(pair(3));
  first.addLook();
  const again = new Journal(folder, QUESTION);
  expect(again.pairs).toEqual([pair(1), pair(3)]);
  expect({ voids: again.voids, looked: again.looked }).toEqual({ voids: 1, looked: [2] });
});

test('a torn last line is taken away', () => {
  new Journal(folder, QUESTION).addPair(pair(1));
  appendFileSync(join(folder, PAIRS_FILE), '{"type":"pa');
  new Journal(folder, QUESTION).addPair(pair(2));
  expect(new Journal(folder, QUESTION).pairs).toHaveLength(2);
});

test.each([
  { ...QUESTION, base: 'name: other' },
  { ...QUESTION, candidate: 'name: other' },
  { ...QUESTION, seed: 2 },
])('another question has another folder', (question) => {
  new Journal(folder, QUESTION);
  expect(() => new Journal(folder, question)).toThrow(/holds a comparison of other scenarios/);
});

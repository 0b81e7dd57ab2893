/** A search that was cut off goes on from its journal, and from no other's. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Journal, STEPS_FILE } from '../../../src/experiment/capacity/journal.ts';
import type { MeasuredStep } from '../../../src/experiment/capacity/measured-step.ts';

const QUESTION = { scenario: 'name: a\n', seed: 1, from: 10, precision: 0.1, confidence: 0.95 };
const STEP = { number: 1, rate: 10, outcome: 'holds', why: null } as unknown as MeasuredStep;

const root = mkdtempSync(join(tmpdir(), 'ordeal-journal-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'search');

test('steps are there again, in their order', () => {
  const journal = new Journal(folder, QUESTION);
  journal.add(STEP);
  journal.add({ ...STEP, number: 2, rate: 20 });
  const again = new Journal(folder, QUESTION);
  expect(again.steps.map(({ rate }) => rate)).toEqual([10, 20]);
  expect(again.steps).toEqual(journal.steps);
});

test('a line that was cut off is dropped, and the next one is whole', () => {
  new Journal(folder, QUESTION).add(STEP);
  appendFileSync(join(folder, STEPS_FILE), '{"number":2,"ra');
  const again = new Journal(folder, QUESTION);
  expect(again.steps).toHaveLength(1);
  again.add({ ...STEP, number: 2 });
  expect(new Journal(folder, QUESTION).steps).toHaveLength(2);
  expect(readFileSync(join(folder, STEPS_FILE), 'utf8').split('\n')).toHaveLength(4);
});

test.each([
  ['scenario', { scenario: 'name: b\n' }],
  ['rate', { from: 11 }],
  ['precision', { precision: 0.05 }],
  ['seed', { seed: 2 }],
])('another %s is another search', (_, change) => {
  new Journal(folder, QUESTION).add(STEP);
  expect(() => new Journal(folder, { ...QUESTION, ...change })).toThrow(
    expect.objectContaining({ kind: 'input', code: 'capacity.other-search' }),
  );
});

test('a folder with anything else in it is refused', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'precious'), 'x');
  expect(() => new Journal(folder, QUESTION)).toThrow(
    expect.objectContaining({ kind: 'input', code: 'out.not-empty' }),
  );
});

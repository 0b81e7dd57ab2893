/** The ledger keeps every field of every kind, and a killed writer leaves a valid prefix. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  ENTRY_BYTES,
  type LedgerEntry,
  LedgerWriter,
  type RawEntry,
  readLedger,
} from '../../src/evidence/ledger.ts';
import { createStreamTable } from '../../src/evidence/streams.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-ledger-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  path = join(folder, `${expect.getState().currentTestName?.length}.ledger`);
  rmSync(path, { force: true });
});

function entries(): RawEntry[] {
  const found: RawEntry[] = [];
  readLedger(path, (entry) => found.push({ ...entry }));
  return found;
}

const BIG = 2 ** 52;
const EVERY_KIND: LedgerEntry[] = [
  { kind: 'intent', stream: 4_000_000_000, first: BIG, count: 4_000_000_000, timeUs: BIG },
  {
    ...{ kind: 'outcome', stream: 1, first: 2, count: 3, outcome: 'unknown' },
    ...{ attempts: 4, errorCode: -2, baseOffset: -1, timeUs: 5.5 },
  },
  {
    ...{ kind: 'outcome', stream: 1, first: 2, count: 3, outcome: 'failed' },
    ...{ attempts: 1, errorCode: 87, baseOffset: BIG, timeUs: 6 },
  },
  {
    ...{ kind: 'read', stream: 1, first: 2, count: 3, place: 4 },
    ...{ baseOffset: 5, leaderEpoch: 6, timeUs: 7 },
  },
  { kind: 'foreign', place: 1, baseOffset: 2, count: 3, timeUs: 4 },
  { kind: 'damaged', place: 1, baseOffset: 2, count: 3, timeUs: 4 },
  { kind: 'delivered', consumer: 65_535, place: 1, baseOffset: 2, count: 3, timeUs: 4 },
  { kind: 'committed', consumer: 1, place: 2, baseOffset: 3, timeUs: 4 },
  { kind: 'assigned', consumer: 1, place: 2, baseOffset: -1, timeUs: 4 },
  { kind: 'revoked', consumer: 1, place: 2, baseOffset: 3, timeUs: 4 },
  { kind: 'intent', stream: 1, first: 2, count: 3, transaction: 4_000_000_000, timeUs: 5 },
  { kind: 'commit-intent', stream: 1, transaction: 0, timeUs: 5 },
  { kind: 'abort-intent', stream: 1, transaction: 7, timeUs: 5 },
  {
    ...{ kind: 'transaction-outcome', stream: 1, transaction: 7, outcome: 'unknown' },
    ...{ errorCode: -2, timeUs: 6 },
  },
  {
    ...{ kind: 'read-committed', stream: 1, first: 2, count: 3, place: 4 },
    ...{ baseOffset: 5, leaderEpoch: 6, timeUs: 7 },
  },
  { kind: 'marker', outcome: 'failed', place: 1, baseOffset: 2, count: 1, timeUs: 4 },
];

test('every field of every kind comes back', () => {
  const writer = new LedgerWriter(path);
  for (const entry of EVERY_KIND) writer.append(entry);
  writer.close();
  const found = entries();
  expect(found).toHaveLength(EVERY_KIND.length);
  for (const [i, entry] of EVERY_KIND.entries()) expect(found[i]).toMatchObject(entry);
});

test('what every batch has is the same without an object for it', () => {
  const slice = { stream: 4_000_000_000, partition: 1, firstSequence: BIG, count: 3 };
  const result = { outcome: 'failed', attempts: 70_000, errorCode: -2, baseOffset: 9 } as const;
  const { stream, firstSequence: first, count } = slice;
  const writer = new LedgerWriter(path);
  for (const transaction of [-1, 0, 7]) {
    const within = transaction < 0 ? {} : { transaction };
    writer.append({ kind: 'intent', stream, first, count, timeUs: 5, ...within });
    writer.intent(stream, first, count, transaction, 5);
    writer.append({ kind: 'outcome', stream, first, count, ...result, timeUs: 6, ...within });
    writer.outcome(slice, transaction, result, 6);
  }
  writer.close();
  const found = entries();
  expect(found).toHaveLength(12);
  for (let i = 0; i < found.length; i += 2) expect(found[i + 1]).toEqual(found[i]);
});

test('the digest is of the whole file, however often it was flushed', () => {
  const writer = new LedgerWriter(path, 4);
  for (let i = 0; i < 11; i++) {
    writer.intent(1, i, 1, -1, i);
    if (i % 3 === 0) writer.flush();
  }
  const { entries: count, sha256 } = writer.close();
  expect(count).toBe(11);
  expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
});

test('more entries than either buffer holds, in order', () => {
  const writer = new LedgerWriter(path, 100);
  for (let first = 0; first < 10_050; first++) {
    writer.append({ kind: 'intent', stream: 1, first, count: 1, timeUs: 0 });
  }
  writer.close();
  expect(entries().map(({ first }) => first)).toEqual(Array.from({ length: 10_050 }, (_, i) => i));
});

test.each([1, 20, ENTRY_BYTES - 1])('a last entry torn %d bytes short is ignored', (missing) => {
  const writer = new LedgerWriter(path);
  for (const entry of EVERY_KIND) writer.append(entry);
  writer.close();
  truncateSync(path, statSync(path).size - missing);
  expect(entries()).toHaveLength(EVERY_KIND.length - 1);
});

test('what was flushed is on disk although the writer never closed', () => {
  const writer = new LedgerWriter(path);
  writer.append(EVERY_KIND[0] as LedgerEntry);
  expect(entries()).toHaveLength(0);
  writer.flush();
  expect(entries()).toHaveLength(1);
});

test('an unknown kind is an error and not skipped', () => {
  writeFileSync(path, '');
  appendFileSync(path, Buffer.alloc(ENTRY_BYTES, 0xee));
  expect(() => entries()).toThrow(/unknown kind/);
});

test('streams of a load are contiguous, producer by producer, over its own topic only', () => {
  const table = createStreamTable(7, { a: { partitions: 2 }, b: { partitions: 1 } }, [
    { name: 'one', topic: 'b', producers: 2 },
    { name: 'two', topic: 'a', producers: 2 },
  ]);
  expect(table.partitions).toEqual([
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 1 },
    { topic: 'b', partition: 0 },
  ]);
  expect(table.streams.map(({ load, producer, place }) => [load, producer, place])).toEqual([
    ['one', 0, 2],
    ['one', 1, 2],
    ['two', 0, 0],
    ['two', 0, 1],
    ['two', 1, 0],
    ['two', 1, 1],
  ]);
});

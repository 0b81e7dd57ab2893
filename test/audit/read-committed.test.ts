/** The second reading: what a reader at read_committed sees of a stretch of log, by what its broker told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBatches } from '../../src/audit/read-batches.ts';
import { type Isolation, RunWriter } from '../../src/audit/run-writer.ts';
import { LedgerWriter, type RawEntry, readLedger } from '../../src/evidence/ledger.ts';
import { type Aborted, AbortedTransactions } from '../../src/wire/aborted.ts';
import { encodeBatch } from '../../src/wire/encode-batch.ts';
import { RUN_ID, stamped } from '../lying-broker/traffic.ts';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

type Piece =
  | { readonly by: number; readonly first: number }
  | { readonly end: 'commit' | 'abort'; readonly by: number };

/** Each piece one offset long: a record, or a marker. */
async function log(pieces: readonly Piece[]): Promise<Buffer> {
  const built = await Promise.all(
    pieces.map((piece, offset) => {
      const control = 'end' in piece;
      const record = control
        ? { key: Buffer.from([0, 0, 0, piece.end === 'commit' ? 1 : 0]), value: Buffer.alloc(6) }
        : { value: stamped(0, piece.first) };
      return encodeBatch({
        records: [record],
        baseOffset: offset,
        flags: piece.by < 0 ? 0 : TRANSACTIONAL | (control ? CONTROL : 0),
        producerId: piece.by,
        producerEpoch: 0,
        baseSequence: 0,
      });
    }),
  );
  return Buffer.concat(built);
}

async function read(
  pieces: readonly Piece[],
  isolation: Isolation,
  aborted: readonly Aborted[] = [],
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-committed-'));
  const path = join(folder, 'audit.ledger');
  const ledger = new LedgerWriter(path);
  const writer = new RunWriter(ledger, 0, isolation);
  const committed = isolation === 'read_committed';
  const position = await readBatches(
    {
      ...{ bytes: await log(pieces), position: 0, to: pieces.length, runId: RUN_ID },
      aborted: committed ? new AbortedTransactions(aborted) : null,
    },
    writer,
  );
  expect(position).toBe(pieces.length);
  writer.flush();
  ledger.close();
  const found: string[] = [];
  readLedger(path, (entry) => found.push(brief(entry)));
  rmSync(folder, { recursive: true });
  return found;
}

const brief = ({ kind, outcome, first, baseOffset, count }: RawEntry): string =>
  kind === 'marker'
    ? `${outcome === 'failed' ? 'abort' : 'commit'} @${baseOffset} x${count}`
    : `${kind} ${first} @${baseOffset} x${count}`;

const MIXED: readonly Piece[] = [
  { by: 1, first: 0 },
  { by: 2, first: 1 },
  { by: 1, end: 'abort' },
  { by: 1, first: 2 },
  { by: 2, end: 'commit' },
  { by: 1, end: 'commit' },
  { by: -1, first: 3 },
];

test('reading uncommitted sees every record, and the markers', async () => {
  expect(await read(MIXED, 'read_uncommitted')).toEqual([
    ...['read 0 @0 x2', 'abort @2 x1', 'read 2 @3 x1', 'commit @4 x2', 'read 3 @6 x1'],
  ]);
});

test('reading committed sees what was not aborted, and the next transaction of the same producer', async () => {
  const aborted = [{ producerId: 1, firstOffset: 0 }];
  expect(await read(MIXED, 'read_committed', aborted)).toEqual([
    ...['read-committed 1 @1 x1', 'read-committed 2 @3 x1', 'read-committed 3 @6 x1'],
  ]);
});

test('two aborted transactions of one producer end at their own markers', async () => {
  const pieces: readonly Piece[] = [
    { by: 1, first: 0 },
    { by: 1, end: 'abort' },
    { by: 1, first: 1 },
    { by: 1, end: 'commit' },
    { by: 1, first: 2 },
    { by: 1, end: 'abort' },
  ];
  const aborted = [
    { producerId: 1, firstOffset: 4 },
    { producerId: 1, firstOffset: 0 },
  ];
  expect(await read(pieces, 'read_committed', aborted)).toEqual(['read-committed 1 @2 x1']);
});

test('a reading that hides nothing shows aborted records: the broker is believed, not corrected', async () => {
  const found = await read(MIXED, 'read_committed');
  expect(found).toContain('read-committed 0 @0 x2');
});

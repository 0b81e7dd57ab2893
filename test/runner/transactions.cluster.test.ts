/** Transactions on real brokers: what readers at read_committed see is what was committed, by the ledger, exactly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RawEntry, readLedger } from '../../src/evidence/ledger.ts';
import { FILES, workerLedger } from '../../src/evidence/run-folder.ts';
import type { StreamTable } from '../../src/evidence/streams.ts';
import { ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();
const SCENARIO = 'test/scenarios/transactions.yaml';

function read(path: string): RawEntry[] {
  const entries: RawEntry[] = [];
  readLedger(path, (entry) => entries.push({ ...entry }));
  return entries;
}

test('the second reading finds what was committed, and nothing of what was aborted', async () => {
  const out = join(folder, 'run');
  const { stderr } = await ordeal(['run', SCENARIO, '--out', out]);
  const result = resultOf(out);
  // A noisy machine may make the harness late, which is `unknown`.
  const slow = ['generator-bound', 'expectation-unknown', 'unanswered-sends', 'stuck-group'];
  expect(
    result.reasons.filter(({ code }) => !slow.includes(code)),
    stderr,
  ).toEqual([]);

  const table = JSON.parse(readFileSync(join(out, FILES.streams), 'utf8')) as StreamTable;
  const firstOf = (stream: number): number => {
    const { load, producer } = table.streams[stream] ?? {};
    return table.streams.findIndex((one) => one.load === load && one.producer === producer);
  };
  const meant = ['bank', 'shop'].flatMap((load) => read(join(out, workerLedger(load, 0))));
  const ends = new Map(
    meant.flatMap(({ kind, stream, transaction, outcome }) =>
      kind === 'transaction-outcome' ? [[`${stream} ${transaction}`, outcome]] : [],
    ),
  );
  expect(new Set(ends.values())).toEqual(new Set(['acknowledged', 'failed']));

  const committed = meant.filter(
    ({ kind, stream, transaction }) =>
      kind === 'intent' && ends.get(`${firstOf(stream)} ${transaction}`) === 'acknowledged',
  );
  const found = read(join(out, FILES.auditLedger));
  const shown = found.filter(({ kind }) => kind === 'read-committed');
  expect(sequencesOf(shown)).toEqual(sequencesOf(committed));

  const markers = found.filter(({ kind }) => kind === 'marker');
  expect(new Set(markers.map(({ outcome }) => outcome))).toEqual(
    new Set(['acknowledged', 'failed']),
  );
  const orders = shown.filter(({ stream }) => table.streams[stream]?.load === 'shop');
  expect(result.delivery.groups['billing']).toMatchObject({
    delivered: sequencesOf(orders).length,
    skipped: 0,
  });
  expect(result.delivery.read).toBeGreaterThan(sequencesOf(shown).length);
});

const sequencesOf = (entries: readonly RawEntry[]): string[] =>
  entries
    .flatMap(({ stream, first, count }) =>
      Array.from({ length: count }, (_, i) => `${stream}/${first + i}`),
    )
    .sort();

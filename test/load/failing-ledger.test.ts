/** A full disk is told once, and the worker hears of it before it sends. */
import { expect, test } from 'vitest';
import { LedgerWriter } from '../../src/evidence/ledger.ts';
import { FailingLedger } from '../../src/load/failing-ledger.ts';

test('a disk without room', () => {
  const told: string[] = [];
  const ledger = new FailingLedger(new LedgerWriter('/dev/full'), (message) => told.push(message));
  ledger.append({ kind: 'intent', stream: 0, first: 0, count: 1, timeUs: 0 });
  expect(ledger.broken).toBe(false);
  ledger.flush();
  expect(ledger.broken).toBe(true);
  ledger.append({ kind: 'intent', stream: 0, first: 1, count: 1, timeUs: 0 });
  ledger.flush();
  expect(ledger.close()).toBe(null);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/ENOSPC/);
});

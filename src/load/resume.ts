/** Where the streams of a killed worker go on: after everything that it may have given to its client. */
import { readLedger } from '../evidence/ledger.ts';
import type { BegunStream } from './protocol.ts';

/** From the ledgers of all processes the worker had. An intent leaves its process before what it announces does. */
export function begunStreams(ledgers: readonly string[]): readonly BegunStream[] {
  const begun = new Map<number, { stream: number; next: number; nextTransaction: number }>();
  for (const path of ledgers) {
    readLedger(path, ({ kind, stream, first, count, transaction }) => {
      if (kind !== 'intent') return;
      const one = begun.get(stream) ?? { stream, next: 0, nextTransaction: 0 };
      begun.set(stream, one);
      one.next = Math.max(one.next, first + count);
      one.nextTransaction = Math.max(one.nextTransaction, transaction + 1);
    });
  }
  return [...begun.values()];
}

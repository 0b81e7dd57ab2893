/** Where the streams of a killed worker go on: after every sequence that it may have given to its client. */
import { readLedger } from '../evidence/ledger.ts';
import type { WorkerPlan } from './protocol.ts';

/** From the ledgers of all processes the worker had. An intent leaves its process before the send does. */
export function begunStreams(ledgers: readonly string[]): WorkerPlan['begun'] {
  const next = new Map<number, number>();
  for (const path of ledgers) {
    readLedger(path, ({ kind, stream, first, count }) => {
      if (kind === 'intent') next.set(stream, Math.max(next.get(stream) ?? 0, first + count));
    });
  }
  return [...next].map(([stream, first]) => ({ stream, next: first }));
}

/**
 * The entry of a load worker process, started by workers.ts with the path of its ledger. It ends with its parent:
 * when the channel closes, nobody is left to judge what it would send.
 */
import { LedgerWriter } from '../evidence/ledger.ts';
import type { ToWorker } from './protocol.ts';
import { createWorker } from './worker.ts';

const [ledgerPath] = process.argv.slice(2);
if (ledgerPath === undefined || process.send === undefined) {
  throw new Error('a load worker is started by the harness, with the path of its ledger');
}

let unsent = 0;
let leaving = false;
const leave = (): void => {
  if (leaving && unsent === 0) process.exit(0);
};

const worker = createWorker({
  port: {
    send: (message) => {
      if (!process.connected) return;
      unsent += 1;
      process.send?.(message, undefined, undefined, () => {
        unsent -= 1;
        leave();
      });
    },
  },
  openLedger: () => new LedgerWriter(ledgerPath),
  exit: () => {
    leaving = true;
    leave();
  },
});

process.on('message', (message) => void worker.receive(message as ToWorker));
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to the whole group; the harness says when to stop.
process.on('SIGINT', () => {});

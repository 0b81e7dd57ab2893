/**
 * Torn transaction (T2): readers at isolation read_committed see some of its records, and others not, although these
 * were acknowledged and stand in the log. Counted are transactions. To see one record is enough to know that it was
 * committed, so one of unknown end is judged as well; what may be, all of it or nothing, is no anomaly. A record that
 * is not in the log at all is an acknowledged loss instead, and a transaction of which nothing is seen a lost one.
 */
import type { Findings } from './findings.ts';
import type { Forgotten } from './forgotten.ts';
import { excuseOf, hiddenExample } from './lost-transaction.ts';
import type { Transaction } from './transaction-book.ts';
import type { Sight } from './transaction-sight.ts';

export function findTorn(
  transaction: Transaction,
  sight: Sight,
  { findings, forgotten }: { readonly findings: Findings; readonly forgotten: Forgotten },
): void {
  if (sight.visible === 0 || sight.hidden.length === 0) return;
  const { load, topic } = transaction.of;
  const excuse = excuseOf(sight, forgotten);
  findings.add({ kind: 'torn-transaction', load, topic, excuse }, 1, () =>
    hiddenExample(transaction, sight, `${sight.visible} of its records are seen`),
  );
}

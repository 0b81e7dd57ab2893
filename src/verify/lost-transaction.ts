/**
 * Lost transaction: its producer was told that it is committed, or a group at isolation read_committed was handed one
 * of its records, and the audit's second reading, which passed all its places, shows nothing of it although its
 * records stand in the log. Counted are transactions. Where the log has no such record either it is an acknowledged
 * loss; where the second reading shows some of them the transaction is torn; what retention or compaction took
 * between the two readings proves nothing.
 */
import { producerName } from './audit-index.ts';
import type { Findings, RawExample } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';
import { type Transaction, transactionName } from './transaction-book.ts';
import type { Sight } from './transaction-sight.ts';

export function findLost(
  transaction: Transaction,
  sight: Sight,
  { findings, forgotten }: { readonly findings: Findings; readonly forgotten: Forgotten },
): void {
  if (sight.visible > 0 || sight.hidden.length === 0) return;
  const { load, topic } = transaction.of;
  const excuse = excuseOf(sight, forgotten);
  const known = transaction.told === 'acknowledged' ? 'its commit was acknowledged' : null;
  findings.add({ kind: 'lost-transaction', load, topic, excuse }, 1, () =>
    hiddenExample(transaction, sight, known ?? `group ${sight.handedTo} was handed a record of it`),
  );
}

/** Where all replicas forgot the end of a log, the end of the transaction may have been in it. */
export function excuseOf({ hidden }: Sight, forgotten: Forgotten): string | null {
  const missed = hidden.some(
    ({ stream: { topic, partition } }) => forgotten.missed(topic, partition, null) < Infinity,
  );
  return missed ? FORGOTTEN : null;
}

/** The first record that is not seen, and how many there are. */
export function hiddenExample(
  transaction: Transaction,
  { hidden }: Sight,
  why: string,
): RawExample {
  const [{ stream, first }] = hidden as [Sight['hidden'][number]];
  const count = hidden.reduce((sum, slice) => sum + slice.to - slice.first, 0);
  return {
    topic: stream.topic,
    partition: stream.partition,
    offset: stream.runs.offsetOf(first),
    producer: producerName(stream),
    sequence: first,
    timeUs: transaction.timeUs,
    note: `${transactionName(transaction)}: ${why}; ${count} acknowledged ${count === 1 ? 'record is' : 'records are'} in the log and hidden`,
  };
}

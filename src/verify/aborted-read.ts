/**
 * Aborted read (F1, G1a): a record of an aborted transaction was seen by a reader at isolation read_committed: by the
 * audit's second reading of the log, or by a group with `isolation.level=read_committed`. Counted are records, each
 * once. Aborted for certain are transactions whose producer was told so or never asked for their commit; those of
 * unknown end are nobody's aborted read. Groups at read_uncommitted are handed aborted records by definition: expected,
 * with their count. That they stand in the log is no anomaly: an abort takes nothing back.
 */
import { producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { IntervalSet } from './interval-set.ts';
import { type Slice, type Transaction, transactionName } from './transaction-book.ts';
import { eachPlaceOf, type Reader } from './transaction-sight.ts';

/** Of a transaction that was aborted for certain. */
export function findAbortedReads(
  transaction: Transaction,
  readers: readonly Reader[],
  findings: Findings,
): void {
  for (const slice of transaction.members) {
    const { stream, first, to } = slice;
    const told = new IntervalSet();
    const seen = (from: number, end: number, by: string): void => {
      told.split(
        from,
        end,
        () => {},
        (a, b) => report({ transaction, stream, from: a, to: b, by, excuse: null }, findings),
      );
      told.add(from, end);
    };
    stream.committed.each(first, to, (from, end) =>
      seen(from, end, 'a reading at read_committed shows it'),
    );
    eachHandedOver(slice, readers, ({ group, committedOnly }, from, end) => {
      const by = `group ${group} was handed it`;
      if (committedOnly) seen(from, end, by);
      else {
        const excuse = `group ${group} reads at isolation.level=read_uncommitted`;
        report({ transaction, stream, from, to: end, by, excuse }, findings);
      }
    });
  }
}

function eachHandedOver(
  { stream, first, to }: Slice,
  readers: readonly Reader[],
  visit: (reader: Reader, from: number, to: number) => void,
): void {
  for (const reader of readers) {
    const delivered = reader.places.get(stream.place)?.delivered;
    if (delivered === undefined) continue;
    eachPlaceOf(stream, first, to, (sequence, offset, count) =>
      delivered.each(offset, offset + count, (a, b) =>
        visit(reader, sequence + a - offset, sequence + b - offset),
      ),
    );
  }
}

function report(
  of: {
    readonly transaction: Transaction;
    readonly stream: StreamIndex;
    readonly from: number;
    readonly to: number;
    readonly by: string;
    readonly excuse: string | null;
  },
  findings: Findings,
): void {
  const { transaction, stream, from, by, excuse } = of;
  const { topic, partition, load } = stream;
  findings.add({ kind: 'aborted-read', load, topic, excuse }, of.to - from, () => ({
    topic,
    partition,
    offset: stream.runs.offsetOf(from),
    producer: producerName(stream),
    sequence: from,
    timeUs: transaction.timeUs,
    note: `${transactionName(transaction)} was aborted; ${by}`,
  }));
}

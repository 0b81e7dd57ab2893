/**
 * Early read (T1, precommitted read): a group with `isolation.level=read_committed` was handed a record before the
 * commit of its transaction was even asked for. Counted are records, once per group. Both moments are on the run's
 * clock, and the commit is noted before it is sent, so it cannot look early by chance. When the transaction is aborted
 * in the end it is an aborted read instead.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { producerName } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { IntervalSet } from './interval-set.ts';
import {
  type EarlyDelivery,
  type Slice,
  type Transaction,
  transactionName,
} from './transaction-book.ts';
import { eachPlaceOf } from './transaction-sight.ts';

/** A group at read_committed was handed [entry.baseOffset, + count) while these transactions were open. */
export function noteEarlyDelivery(
  group: string,
  entry: RawEntry,
  open: Iterable<Transaction>,
): void {
  for (const transaction of open) {
    if (transaction.commitAskedUs !== null) continue;
    for (const slice of transaction.members) {
      if (slice.stream.place === entry.place) noteOverlap(group, entry, transaction, slice);
    }
  }
}

function noteOverlap(
  group: string,
  { baseOffset, count, timeUs }: RawEntry,
  { early }: Transaction,
  { stream, first, to }: Slice,
): void {
  eachPlaceOf(stream, first, to, (_, offset, length) => {
    const from = Math.max(offset, baseOffset);
    const end = Math.min(offset + length, baseOffset + count);
    if (from < end) early.push({ group, stream, from, to: end, timeUs });
  });
}

/** To be called when the commit is asked for. */
export function findEarlyReads(transaction: Transaction, findings: Findings): void {
  const { early, commitAskedUs } = transaction;
  if (commitAskedUs === null) return;
  const told = new Map<string, IntervalSet>();
  for (const delivery of early) {
    if (delivery.timeUs >= commitAskedUs) continue;
    const key = `${delivery.group} ${delivery.stream.number}`;
    const known = told.get(key) ?? new IntervalSet();
    told.set(key, known);
    const fresh = (from: number, to: number): void =>
      report(transaction, { ...delivery, from, to }, commitAskedUs, findings);
    known.split(delivery.from, delivery.to, () => {}, fresh);
    known.add(delivery.from, delivery.to);
  }
  early.length = 0;
}

function report(
  transaction: Transaction,
  { stream, group, from, to, timeUs }: EarlyDelivery,
  commitAskedUs: number,
  findings: Findings,
): void {
  const { topic, partition, load } = stream;
  const ms = Math.round((commitAskedUs - timeUs) / 100) / 10;
  findings.add({ kind: 'early-read', load, topic, excuse: null }, to - from, () => ({
    topic,
    partition,
    offset: from,
    producer: producerName(stream),
    sequence: null,
    timeUs,
    note: `group ${group} was handed it ${ms} ms before the commit of ${transactionName(transaction)} was asked for`,
  }));
}

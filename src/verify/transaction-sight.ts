/** What readers at isolation read_committed see of one transaction: the audit's second reading, and groups. */
import type { AuditIndex, PlaceIndex, StreamIndex } from './audit-index.ts';
import type { GroupPlace } from './group-delivery.ts';
import type { Slice, Transaction } from './transaction-book.ts';

/** A group, and what it was handed. */
export type Reader = {
  readonly group: string;
  readonly committedOnly: boolean;
  readonly places: ReadonlyMap<number, GroupPlace>;
};

export type Sight = {
  /** How many of its records the second reading shows. */
  readonly visible: number;
  /** A group at read_committed that was handed one of its records, or null. */
  readonly handedTo: string | null;
  /** Acknowledged records that stand in the log, in the second reading's way, and that it does not show. */
  readonly hidden: readonly Slice[];
};

export function lookAt(
  transaction: Transaction,
  index: AuditIndex,
  readers: readonly Reader[],
): Sight {
  let visible = 0;
  let handedTo: string | null = null;
  for (const { stream, first, to } of transaction.members) {
    visible += stream.committed.countWithin(first, to);
    handedTo ??= readerOf(stream, first, to, readers);
  }
  const hidden = transaction.acknowledged.flatMap(({ stream: number, first, count }) => {
    const stream = index.streams[number];
    const place = index.places[stream?.place ?? -1];
    if (stream === undefined || place === undefined) return [];
    return hiddenOf(stream, place, first, first + count);
  });
  return { visible, handedTo, hidden };
}

/** Where the records [first, to) that are in the log stand, piece by piece. */
export function eachPlaceOf(
  { read, runs }: StreamIndex,
  first: number,
  to: number,
  visit: (sequence: number, offset: number, count: number) => void,
): void {
  read.each(first, to, (from, end) => runs.eachOffset(from, end, visit));
}

function readerOf(
  stream: StreamIndex,
  first: number,
  to: number,
  readers: readonly Reader[],
): string | null {
  let found: string | null = null;
  for (const { group, committedOnly, places } of readers) {
    const delivered = committedOnly ? places.get(stream.place)?.delivered : undefined;
    if (delivered === undefined || found !== null) continue;
    eachPlaceOf(stream, first, to, (_, offset, count) => {
      if (delivered.countWithin(offset, offset + count) > 0) found = group;
    });
  }
  return found;
}

function hiddenOf(
  stream: StreamIndex,
  { committedAudit }: PlaceIndex,
  first: number,
  to: number,
): Slice[] {
  if (committedAudit === null) return [];
  const { logStart, position } = committedAudit;
  const found: Slice[] = [];
  stream.committed.split(
    first,
    to,
    () => {},
    (from, end) =>
      eachPlaceOf(stream, from, end, (sequence, offset, count) => {
        // Below: retention took it between the two readings. Above: the second one did not come so far.
        const skip = Math.max(0, logStart - offset);
        const reached = Math.min(count, position - offset);
        if (reached > skip) found.push({ stream, first: sequence + skip, to: sequence + reached });
      }),
  );
  return found;
}

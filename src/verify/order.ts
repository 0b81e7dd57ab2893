/**
 * Reorder (O1, nonmonotonic send): of two records that one producer sent to one partition, the later one stands
 * before the earlier one in the log. Counted are first copies below the running maximum of their stream; second
 * copies are duplicates, not disorder. Order is promised by idempotence, or by one request in the air at a time.
 * Without idempotence a record of unknown outcome may arrive late: the client had given it up; and where the log lost
 * its beginning, a second copy may stand behind what is left of the batch of the first.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

/** Records [from, to) of a stream that stand behind later ones. */
export type LateRun = {
  readonly stream: StreamIndex;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  /** The highest sequence that stood before them. */
  readonly behind: number;
  /** Earlier than the first that is left of the stream in the log: first copies may have stood before it. */
  readonly below: boolean;
};

/** To be called before the entry is added to the stream. */
export function findLateRuns(
  stream: StreamIndex,
  entry: RawEntry,
  found: (run: LateRun) => void,
): void {
  const maximum = stream.read.end - 1;
  if (entry.first > maximum) return;
  const to = Math.min(entry.first + entry.count, maximum);
  stream.read.split(
    entry.first,
    to,
    () => {},
    (from, end) =>
      found({
        stream,
        from,
        to: end,
        offset: entry.baseOffset + (from - entry.first),
        behind: maximum,
        below: end <= (stream.runs.first ?? 0),
      }),
  );
}

/**
 * `certain` is how many of its records had a known outcome; the rest may legally arrive late. `excuse`: why none of
 * them proves anything, or null.
 */
export function judgeLateRun(
  run: LateRun,
  certain: number,
  excuse: string | null,
  findings: Findings,
): void {
  const { stream, from, to, offset, behind } = run;
  const add = (count: number, excuse: string | null): void => {
    if (count === 0) return;
    findings.add(
      { kind: 'reorder', load: stream.load, topic: stream.topic, excuse },
      count,
      () => ({
        topic: stream.topic,
        partition: stream.partition,
        offset,
        producer: producerName(stream),
        sequence: from,
        timeUs: null,
        note: `stands behind record ${behind} of the same producer`,
      }),
    );
  };
  if (excuse !== null) {
    add(to - from, excuse);
    return;
  }
  add(certain, null);
  add(to - from - certain, 'their outcome was unknown: an attempt the client gave up arrived late');
}

/**
 * Phantom (C2, F1): a record of this run is in the log that may not be there. Either it was never sent, or the client
 * reported it as definitely not written. A record whose writer died may be missing from the ledger's last moments, so
 * it is no phantom then. A failure under every configuration; one that was sent elsewhere is a wrong partition.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceIndex, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import type { StreamTally } from './history.ts';

/** A record of a stream that there never was. */
export function findOfNobody(place: PlaceIndex, entry: RawEntry, findings: Findings): void {
  const { topic, partition } = place;
  findings.add({ kind: 'phantom', load: null, topic, excuse: null }, entry.count, () => ({
    topic,
    partition,
    offset: entry.baseOffset,
    producer: null,
    sequence: entry.first,
    timeUs: null,
    note: `no producer of this run has stream ${entry.stream}`,
  }));
}

/** Records [entry.first, + count) were refused for good; any of them in the log is a phantom. */
export function findRefusedButWritten(
  { index, refusedButWritten }: StreamTally,
  { first, count, timeUs, errorCode }: RawEntry,
  findings: Findings,
): void {
  index.read.each(first, first + count, (from, to) => {
    refusedButWritten.add(from, to);
    add(index, from, to - from, timeUs, `refused with error ${errorCode}`, findings);
  });
}

/** Records from `sent` on were never sent. */
export function findNeverSent(stream: StreamIndex, sent: number, findings: Findings): void {
  stream.read.each(sent, Math.max(sent, stream.read.end), (from, to) =>
    add(stream, from, to - from, null, 'it was never sent', findings),
  );
}

function add(
  stream: StreamIndex,
  sequence: number,
  count: number,
  timeUs: number | null,
  note: string,
  findings: Findings,
): void {
  const { topic, partition } = stream;
  findings.add({ kind: 'phantom', load: null, topic, excuse: null }, count, () => ({
    topic,
    partition,
    offset: stream.runs.offsetOf(sequence),
    producer: producerName(stream),
    sequence,
    timeUs,
    note,
  }));
}

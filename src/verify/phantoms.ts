/**
 * Phantom (C2, U5, F1): a record of this run stands where none may stand. Three ways: it was never sent; it was
 * sent to another partition; or the client reported it as definitely not written. A record whose writer died may
 * be missing from the ledger's last moments, so it is no phantom then.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceIndex, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

export function findMisplaced(
  place: PlaceIndex,
  stream: StreamIndex | undefined,
  entry: RawEntry,
  findings: Findings,
): void {
  const { topic, partition } = place;
  findings.add({ kind: 'phantom', load: null, topic, excuse: null }, entry.count, () => ({
    topic,
    partition,
    offset: entry.baseOffset,
    producer: stream === undefined ? null : producerName(stream),
    sequence: entry.first,
    timeUs: null,
    note:
      stream === undefined
        ? `no producer of this run has stream ${entry.stream}`
        : `it was sent to ${stream.topic}/${stream.partition}`,
  }));
}

/** Records [entry.first, + count) were refused for good; any of them in the log is a phantom. */
export function findRefusedButWritten(
  stream: StreamIndex,
  entry: RawEntry,
  findings: Findings,
): void {
  stream.read.each(entry.first, entry.first + entry.count, (from, to) =>
    add(stream, from, to - from, entry.timeUs, `refused with error ${entry.errorCode}`, findings),
  );
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

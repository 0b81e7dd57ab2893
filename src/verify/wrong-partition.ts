/**
 * Wrong partition (U5, MISROUTE): a record of this run was read from another partition than it was sent to, so a
 * consumer of one key's partition may never see it. The client chose the partition by itself and named it in the
 * request. A failure under every configuration. Whatever else becomes of the record is told under its own name: where
 * it should be it may be lost.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { type PlaceIndex, producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

export function findWrongPartition(
  place: PlaceIndex,
  stream: StreamIndex,
  entry: RawEntry,
  findings: Findings,
): void {
  const { topic, partition } = place;
  const { baseOffset, count, first, leaderEpoch } = entry;
  const { number } = stream;
  findings.add({ kind: 'wrong-partition', load: stream.load, topic, excuse: null }, count, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: producerName(stream),
    sequence: first,
    timeUs: null,
    stream: number,
    leaderEpoch,
    note: `it was sent to ${stream.topic}/${stream.partition}`,
  }));
}

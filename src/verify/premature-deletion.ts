/**
 * Premature deletion (D6): an acknowledged record is not in the log any more because the log begins behind it now,
 * although it was younger than `retention.ms` when that was first seen, the log cannot have been larger than
 * `retention.bytes`, and nobody ordered it. A failure under every configuration that is not compacted: the start of
 * a log moves for these reasons alone. What is not certain counts as explained.
 */
import { producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

/** Records of one stream, one after the other, from a sequence and its offset on. */
type Gone = { readonly sequence: number; readonly offset: number; readonly count: number };

export function reportPremature(
  stream: StreamIndex,
  { sequence, offset, count }: Gone,
  { sentUs, goneUs }: { readonly sentUs: number; readonly goneUs: number },
  findings: Findings,
): void {
  const { topic, partition, load } = stream;
  findings.add({ kind: 'premature-deletion', load, topic, excuse: null }, count, () => ({
    topic,
    partition,
    offset,
    producer: producerName(stream),
    sequence,
    timeUs: goneUs,
    note: `the log began behind it ${Math.round((goneUs - sentUs) / 1e6)} s after it was sent; ${count} ${count === 1 ? 'record' : 'records'} from here on`,
  }));
}

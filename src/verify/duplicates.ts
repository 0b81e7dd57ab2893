/**
 * Duplicate (U1, LOG_DUP): the audit read one record at two offsets of its partition; counted are the copies
 * beyond the first. A client that lost an answer sends again, and only an idempotent producer lets the broker
 * recognise the second copy; so it is a violation with `enable.idempotence=true` and expected without.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { producerName, type StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

/** To be called before the entry is added to the stream. */
export function findDuplicates(stream: StreamIndex, entry: RawEntry, findings: Findings): void {
  const { first, count, baseOffset } = entry;
  stream.read.each(first, first + count, (from, to) => {
    findings.add(
      { kind: 'duplicate', load: stream.load, topic: stream.topic, excuse: null },
      to - from,
      () => ({
        topic: stream.topic,
        partition: stream.partition,
        offset: baseOffset + (from - first),
        producer: producerName(stream),
        sequence: from,
        timeUs: null,
        stream: stream.number,
        leaderEpoch: entry.leaderEpoch,
        note: `first copy at offset ${stream.runs.offsetOf(from)}; ${to - from} ${to - from === 1 ? 'record' : 'records'} from here on`,
      }),
    );
  });
}

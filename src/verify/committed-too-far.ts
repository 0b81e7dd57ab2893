/**
 * Committed too far (G3): a group committed an offset beyond records of the log that it had not been handed by then,
 * nor anything behind them. If the member dies now, nobody is handed them: that is how at-least-once becomes
 * at-most-once. Our consumers commit what they were handed, so it is a failure under every configuration, unless
 * auto.offset.reset says where a group may begin. Offsets without a record for it, such as those of control records,
 * are passed over rightly.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { GroupPlace } from './group-delivery.ts';
import type { Delivery } from './group-positions.ts';

/** Only entries from before the commit may have been added. */
export function findCommittedTooFar(
  { load, group, place, fromEarliest, readable, findings }: Delivery,
  state: GroupPlace,
  { baseOffset, consumer, timeUs }: RawEntry,
): void {
  const { audit, topic, partition } = place;
  if (audit === null) return;
  const begin = Math.max(audit.from, audit.logStart);
  if (state.delivered.first === null && !fromEarliest) return;
  const handed = Math.max(state.delivered.end, begin);
  const missed = readable.countWithin(handed, Math.max(handed, baseOffset));
  if (missed === 0) return;
  findings.add({ kind: 'committed-too-far', load, topic, excuse: null }, missed, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: null,
    sequence: null,
    timeUs,
    note: `consumer ${consumer} committed it when group ${group} had been handed what lies below offset ${handed}`,
  }));
}

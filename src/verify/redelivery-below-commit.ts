/**
 * Redelivery below the commit (U3): a group was handed a record again that lies below what it had committed before the
 * member got the partition. At least once delivery repeats what was not committed, never what was. A failure where a
 * commit that was acknowledged is kept, expected where the offsets topic or the log may lose its end. Being
 * handed records again at or above the commit is no anomaly: it is counted as `redelivered`.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { GroupPlace } from './group-delivery.ts';
import type { Delivery } from './group-positions.ts';
import type { Member } from './members.ts';

/** To be called before the entry is added to what was delivered. */
export function findBelowCommit(
  { load, group, place, mayGoBack, findings }: Delivery,
  state: GroupPlace,
  { floor, consumer }: Member,
  { baseOffset, count, timeUs }: RawEntry,
): void {
  if (floor === null || baseOffset >= floor) return;
  const again = state.delivered.countWithin(baseOffset, Math.min(baseOffset + count, floor));
  if (again === 0) return;
  const { topic, partition } = place;
  const about = { kind: 'redelivery-below-commit', load, topic, excuse: mayGoBack } as const;
  findings.add(about, again, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: null,
    sequence: null,
    timeUs,
    note: `group ${group} had committed offset ${floor} before consumer ${consumer} got the partition`,
  }));
}

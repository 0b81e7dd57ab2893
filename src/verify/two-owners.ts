/**
 * Two owners (G1, ownership overlap): a member was handed records of a partition after another one, assigned later, had
 * been handed records of it. Kafka's groups do not exclude it: a member that was paused or cut off goes on with what it
 * has fetched until it learns that it was replaced; only its commits are refused. So it is expected under every
 * configuration, and worth knowing for whoever acts on records.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { Delivery } from './group-positions.ts';
import type { Members } from './members.ts';

export function findSecondOwner(
  { load, group, place, findings }: Delivery,
  { owner }: Members,
  { consumer, baseOffset, count, timeUs }: RawEntry,
): void {
  if (owner === null || owner.consumer === consumer || owner.next === null) return;
  const { topic, partition } = place;
  findings.add({ kind: 'two-owners', load, topic, excuse: null }, count, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: null,
    sequence: null,
    timeUs,
    note: `consumer ${consumer} of group ${group} was handed ${count} ${count === 1 ? 'record' : 'records'} from here on, when consumer ${owner.consumer} owned the partition`,
  }));
}

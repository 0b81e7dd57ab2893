/**
 * Backwards delivery (O3, nonmonotonic poll): within one assignment a member was handed an offset at or below one that
 * it had been handed before. A failure where logs are never cut behind what consumers have seen, expected with
 * unclean elections. A new assignment begins anew. While something is broken a client may be told by a deposed
 * leader that its position is out of range, and begin again with the log (auto.offset.reset): that is expected.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { Delivery } from './group-positions.ts';
import type { Member } from './members.ts';

/** Whether it went back. */
export function findBackwards(
  { load, group, place, begunAgain, findings }: Delivery,
  { next, consumer }: Member,
  { baseOffset, count, timeUs }: RawEntry,
): boolean {
  if (next === null || baseOffset >= next) return false;
  const { topic, partition } = place;
  const again = Math.min(count, next - baseOffset);
  findings.add({ kind: 'backwards-delivery', load, topic, excuse: begunAgain }, again, () => ({
    topic,
    partition,
    offset: baseOffset,
    producer: null,
    sequence: null,
    timeUs,
    note: `consumer ${consumer} of group ${group} had come to offset ${next} and was handed ${again} ${again === 1 ? 'record' : 'records'} from here on again`,
  }));
  return true;
}

/**
 * Backwards delivery (O3, nonmonotonic poll): within one assignment a member was handed an offset at or below one that
 * it had been handed before. A failure where logs are never cut behind what consumers have seen, expected with
 * unclean elections. A new assignment begins anew. Expected is what clients are known to do where nothing was cut
 * (steps-back.ts).
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { Delivery } from './group-positions.ts';
import type { Member } from './members.ts';

/** Whether it went back. */
export function findBackwards(
  { load, group, place, mayGoBack, findings }: Delivery,
  { next, consumer }: Member,
  { baseOffset, count, timeUs }: RawEntry,
): boolean {
  if (next === null || baseOffset >= next) return false;
  const { topic, partition } = place;
  const again = Math.min(count, next - baseOffset);
  findings.add({ kind: 'backwards-delivery', load, topic, excuse: mayGoBack }, again, () => ({
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

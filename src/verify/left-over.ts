/**
 * Left over (no anomaly): what a member fetched in the assignment before and was handed in this one. It begins where the
 * former assignment stopped, so it says nothing about where this one begins, and what comes next may lie before it.
 * One batch may be left over, once: it may be told in several entries, as markers and aborted records part it.
 *
 * What comes next begins where somebody had committed, or with the log. Where the member owned the partition both
 * times, and nobody else meanwhile, no commit can lie behind what it was handed before: so records within the
 * batch are a repetition. From its very beginning they may be none, as the answer to a commit may have been lost.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { Delivery } from './group-positions.ts';
import type { Member } from './members.ts';

/** The offsets [from, to), handed over at `timeUs`. */
export type LeftOver = { readonly from: number; readonly to: number; readonly timeUs: number };

/** Keeps it with the member, for what comes next. */
export function passLeftOver(
  about: Delivery,
  member: Member,
  { baseOffset, count, timeUs }: RawEntry,
): boolean {
  const { next, left, floor, leftOver } = member;
  if (next !== null || left === null || left === floor) return false;
  const begins = leftOver === null && baseOffset !== floor && follows(about, left, baseOffset);
  const goesOn = leftOver?.timeUs === timeUs && baseOffset >= leftOver.to;
  if (!begins && !goesOn) return false;
  member.leftOver = { from: leftOver?.from ?? baseOffset, to: baseOffset + count, timeUs };
  return true;
}

/** Between lie control and aborted records alone, which nobody is handed; of what left the log nothing is known. */
function follows({ place, readable }: Delivery, left: number, offset: number): boolean {
  if (offset <= left) return offset === left;
  const { markers, visible } = place;
  const standing = markers.countWithin(left, offset) + visible.countWithin(left, offset);
  return standing === offset - left && readable.countWithin(left, offset) === 0;
}

/** Whether the first records of the assignment are some that were left over. */
export function repeatsLeftOver(
  { place: { audit } }: Delivery,
  { next, leftOver, again }: Member,
  { baseOffset }: RawEntry,
): boolean {
  if (next !== null || leftOver === null || !again || audit === null) return false;
  const withLog = baseOffset <= Math.max(audit.from, audit.logStart);
  return !withLog && baseOffset > leftOver.from && baseOffset < leftOver.to;
}

/**
 * Read then lost (D3): a consumer was handed a record, and at the end it is not in the log any more, although its
 * place lies within what the audit read and at or above the log's start. Consumers act on what they read, so it weighs
 * whatever the outcome of the send was. Kafka hands out only what all replicas in sync have, so it is a failure
 * with clean elections, expected with unclean ones or where faults took it from all disks, and impossible to tell on
 * compacted topics, where a newer record of the key replaces it. The follower of a run, where it had one, is such a
 * reader too: what it saw go counts where no group was handed it.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';
import type { GroupPlace } from './group-delivery.ts';
import { IntervalSet } from './interval-set.ts';

type Group = { readonly group: string; readonly load: string };

type Found = { readonly findings: Findings; readonly forgotten: Forgotten };

/** What is said of so many that are missing. */
type Note = (count: number) => string;

/** Records the group was handed and the audit, having passed their place, did not see. */
export function findReadThenLost(
  { group, load }: Group,
  state: GroupPlace,
  place: PlaceIndex,
  found: Found,
): void {
  const note: Note = (count) =>
    `group ${group} was handed ${plural(count)} from here on, which the log no longer has`;
  findMissing({ load, note }, state.delivered, place, found);
}

/** Records that the follower had read, saw go, and that are still missing; those that a group was handed are told already. */
export function findFollowedThenLost(
  events: readonly RunEvent[],
  place: PlaceIndex,
  delivered: readonly IntervalSet[],
  found: Found,
): void {
  const seen = new IntervalSet();
  const add = (from: number, to: number, sets: readonly IntervalSet[]): void => {
    const [first, ...rest] = sets;
    if (first === undefined) seen.add(from, to);
    else
      first.split(
        from,
        to,
        () => {},
        (a, b) => add(a, b, rest),
      );
  };
  for (const event of events) {
    if (event.type !== 'follower-gone') continue;
    if (event.topic !== place.topic || event.partition !== place.partition) continue;
    for (const { offset, count } of event.runs) add(offset, offset + count, delivered);
  }
  const note: Note = (count) =>
    `the run's follower had read ${plural(count)} from here on, which the log no longer has`;
  findMissing({ load: null, note }, seen, place, found);
}

const plural = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`;

function findMissing(
  { load, note }: { readonly load: string | null; readonly note: Note },
  seen: IntervalSet,
  { audit, topic, partition, visible }: PlaceIndex,
  { findings, forgotten }: Found,
): void {
  if (audit === null) return;
  const begin = Math.max(audit.from, audit.logStart);
  const end = audit.complete ? seen.end : audit.position;
  const excused = forgotten.missed(topic, partition, null);
  const add = (from: number, to: number, excuse: string | null): void => {
    if (from >= to) return;
    findings.add({ kind: 'read-then-lost', load, topic, excuse }, to - from, () => ({
      ...{ topic, partition, offset: from, producer: null, sequence: null },
      ...{ timeUs: null, reader: load },
      note: note(to - from),
    }));
  };
  const gone = (from: number, to: number): void => {
    add(from, Math.min(to, excused), null);
    add(Math.max(from, excused), to, FORGOTTEN);
  };
  seen.each(begin, Math.max(begin, end), (from, to) => visible.split(from, to, () => {}, gone));
}

/**
 * Read then lost (D3): a consumer was handed a record, and at the end it is not in the log any more, although its
 * place lies within what the audit read and at or above the log's start. Consumers act on what they read, so it weighs
 * whatever the outcome of the send was. Kafka hands out only what all replicas in sync have, so it is a failure
 * with clean elections, expected with unclean ones or where faults took it from all disks, and impossible to tell on
 * compacted topics, where a newer record of the key replaces it.
 */
import type { PlaceIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import { FORGOTTEN, type Forgotten } from './forgotten.ts';
import type { GroupPlace } from './group-delivery.ts';

type Group = { readonly group: string; readonly load: string };

/** Records the group was handed and the audit, having passed their place, did not see. */
export function findReadThenLost(
  { group, load }: Group,
  state: GroupPlace,
  { audit, topic, partition, visible }: PlaceIndex,
  { findings, forgotten }: { readonly findings: Findings; readonly forgotten: Forgotten },
): void {
  if (audit === null) return;
  const begin = Math.max(audit.from, audit.logStart);
  const end = audit.complete ? state.delivered.end : audit.position;
  const excused = forgotten.missed(topic, partition, null);
  const add = (from: number, to: number, excuse: string | null): void => {
    if (from >= to) return;
    findings.add({ kind: 'read-then-lost', load, topic, excuse }, to - from, () => ({
      topic,
      partition,
      offset: from,
      producer: null,
      sequence: null,
      timeUs: null,
      note: `group ${group} was handed ${to - from} ${to - from === 1 ? 'record' : 'records'} from here on, which the log no longer has`,
    }));
  };
  const gone = (from: number, to: number): void => {
    add(from, Math.min(to, excused), null);
    add(Math.max(from, excused), to, FORGOTTEN);
  };
  state.delivered.each(begin, Math.max(begin, end), (from, to) =>
    visible.split(from, to, () => {}, gone),
  );
}

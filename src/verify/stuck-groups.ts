/**
 * Stuck group (G6): when the drain ended there were records for the group, nothing was broken any more, and for at
 * longer than its session timeout no member had been handed any. It is a failure of liveness: proven only when
 * nothing else spoiled the run. A drain that ended earlier leaves it open.
 */
import type { LoadSpec } from '../scenario/scenario.ts';
import type { Findings } from './findings.ts';
import type { GroupOnPlace } from './group-delivery.ts';

/** Beyond the session timeout, which a coordinator waits for a member that is gone before it rebalances. */
const MARGIN_US = 10_000_000;
const DEFAULT_SESSION_TIMEOUT_MS = 45_000;

/** For so long a group may stand still without being stuck. */
export const patienceUs = (load: LoadSpec | undefined): number =>
  Number(load?.config['session.timeout.ms'] ?? DEFAULT_SESSION_TIMEOUT_MS) * 1000 + MARGIN_US;

/**
 * `quietSinceUs`: when the last fault was healed, or traffic began; `endUs`: when the drain ended. Returns how many
 * records were left to the group: `stuck`, or `unread` where it is not known whether it stands still.
 */
export function findStuck(
  { load, group }: { readonly load: string; readonly group: string },
  on: readonly GroupOnPlace[],
  times: { readonly quietSinceUs: number; readonly endUs: number; readonly patienceUs: number },
  findings: Findings,
): { readonly stuck: number; readonly unread: number } {
  const { endUs } = times;
  const lastUs = Math.max(times.quietSinceUs, ...on.map(({ state }) => state.lastDeliveredUs ?? 0));
  const over = endUs - lastUs >= times.patienceUs;
  let left = 0;
  for (const { state, place, awaited, due } of on) {
    const waiting = due.countWithin(Math.max(state.end, awaited ?? 0), due.end);
    if (awaited === null || waiting === 0) continue;
    left += waiting;
    if (!over) continue;
    const { topic, partition } = place;
    findings.add({ kind: 'stuck-group', load, topic, excuse: null }, waiting, () => ({
      topic,
      partition,
      offset: Math.max(state.end, awaited),
      producer: null,
      sequence: null,
      timeUs: lastUs,
      note: `group ${group} was handed nothing for ${Math.round((endUs - lastUs) / 1e6)} s, with ${waiting} records to read`,
    }));
  }
  return over ? { stuck: left, unread: 0 } : { stuck: 0, unread: left };
}

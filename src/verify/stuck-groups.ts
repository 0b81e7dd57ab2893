/**
 * Stuck group (G6): when the drain ended there were records for the group, nothing was broken any more, and for at
 * least ten seconds no member had been handed any. It is a failure of liveness: proven only when nothing else
 * spoiled the run.
 */
import type { Findings } from './findings.ts';
import type { GroupOnPlace } from './group-delivery.ts';

/** Longer than any rebalance should take, shorter than a drain. */
export const STUCK_AFTER_US = 10_000_000;

/** `quietSinceUs`: when the last fault was healed, or traffic began; `endUs`: when the drain ended. */
export function findStuck(
  load: string,
  group: string,
  on: readonly GroupOnPlace[],
  quietSinceUs: number,
  endUs: number,
  findings: Findings,
): number {
  const lastUs = Math.max(quietSinceUs, ...on.map(({ state }) => state.lastDeliveredUs ?? 0));
  if (endUs - lastUs < STUCK_AFTER_US) return 0;
  let behind = 0;
  for (const { state, place, begin } of on) {
    const waiting = place.visible.countWithin(Math.max(state.end, begin ?? 0), place.visible.end);
    if (begin === null || waiting === 0) continue;
    behind += waiting;
    const { topic, partition } = place;
    findings.add({ kind: 'stuck-group', load, topic, excuse: null }, waiting, () => ({
      topic,
      partition,
      offset: state.end,
      producer: null,
      sequence: null,
      timeUs: lastUs,
      note: `group ${group} was handed nothing for ${Math.round((endUs - lastUs) / 1e6)} s, with ${waiting} records to read`,
    }));
  }
  return behind;
}

/** Every guarantee about consumer groups, over every group and partition. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PlaceIndex } from './audit-index.ts';
import { countGroup } from './counts.ts';
import { findSkips, type GroupPlace } from './group-delivery.ts';
import type { GroupTally, History } from './history.ts';
import { isCompacted } from './promises.ts';
import type { GroupCounts } from './result.ts';
import { findStuck } from './stuck-groups.ts';
import { findReadThenGone, findShrunkLogs } from './truncation.ts';

export type JudgedGroup = GroupTally & { readonly counts: GroupCounts };

export function judgeGroups(
  scenario: Scenario,
  evidence: RunEvidence,
  history: History,
  died: ReadonlySet<string>,
): readonly JudgedGroup[] {
  const { index, findings } = history;
  findShrunkLogs(index.places, evidence.samples, findings);
  return history.groups.map((tally) => {
    const { group, load, topic } = tally;
    const on = [...tally.places].flatMap(([number, state]) => {
      const place = index.places[number];
      return place === undefined ? [] : [{ place, state }];
    });
    const excuse = died.has(load)
      ? 'a consumer died; what it was handed last may not be in its ledger'
      : null;
    let skipped = 0;
    for (const { place, state } of on) {
      if (!isCompacted(scenario, topic)) findReadThenGone(group, state, place, findings);
      skipped += findSkips(load, group, state, place, excuse, findings);
    }
    if (!died.has(load)) findStuckAtEnd(evidence, tally, on, history);
    return { ...tally, counts: countGroup(tally, index.places, skipped) };
  });
}

/** Only a drain that came to its end says anything about a group that stands still. */
function findStuckAtEnd(
  { events, schedule }: RunEvidence,
  { load, group }: GroupTally,
  on: readonly { readonly place: PlaceIndex; readonly state: GroupPlace }[],
  { findings }: History,
): void {
  const end = events.findLast((event) => event.type === 'phase-ended' && event.phase === 'drain');
  if (end === undefined) return;
  const healed = events.findLast(({ type }) => type === 'fault-healed');
  const quietSinceUs = Math.max(schedule?.measureUs ?? 0, healed?.t ?? 0);
  findStuck(load, group, on, quietSinceUs, end.t, findings);
}

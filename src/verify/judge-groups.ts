/** Every guarantee about consumer groups, over every group and partition. */
import type { RunEvent } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadSpec, Scenario } from '../scenario/scenario.ts';
import { MADE_ANEW, WHOLE_RUN } from './changes.ts';
import { countGroup } from './counts.ts';
import { Disturbances } from './disturbances.ts';
import { dueTo, findSkips, type GroupOnPlace, GroupPlace } from './group-delivery.ts';
import type { GroupTally, History } from './history.ts';
import { isCompacted, noSkips, readsCommitted } from './promises.ts';
import { findFollowedThenLost, findReadThenLost } from './read-then-lost.ts';
import type { GroupCounts } from './result.ts';
import { findFallenCommits } from './rewound-commit.ts';
import { findStuck, patienceUs } from './stuck-groups.ts';
import { findShrunkLogs } from './truncation.ts';

export type JudgedGroup = GroupTally & {
  readonly counts: GroupCounts;
  /** Records it might still have read when the drain ended. */
  readonly unread: number;
};

export function judgeGroups(
  scenario: Scenario,
  evidence: RunEvidence,
  history: History,
  died: ReadonlySet<string>,
): readonly JudgedGroup[] {
  const { index } = history;
  findShrunkLogs(index.places, evidence.samples, history);
  judgeFollowed(evidence.events, history);
  const disturbances = new Disturbances(evidence.events);
  return history.groups.map((tally) => {
    const { load, topic } = tally;
    const spec = scenario.load.find(({ name }) => name === load);
    const rules = { fromEarliest: noSkips(spec).holds };
    const on = index.places.flatMap((place, number): GroupOnPlace[] => {
      if (place.topic !== topic) return [];
      const state = tally.places.get(number) ?? new GroupPlace();
      const due = dueTo(readsCommitted(spec), place);
      return [{ place, state, due, begin: state.begin(place, rules) }];
    });
    const under = history.changes.inForce(topic, WHOLE_RUN);
    const compacted = isCompacted(under, topic);
    const findings = history.changes.aboutGroups(topic, history.findings);
    const found = { ...history, findings: findings.under(under) };
    const excuse = excuseOf(tally, history, died);
    findFallenCommits(tally, index.places, evidence.samples, disturbances, findings);
    let skipped = 0;
    for (const one of on) {
      if (!compacted) findReadThenLost(tally, one.state, one.place, found);
      skipped += findSkips(tally, one, excuse, findings);
    }
    const unread = died.has(load) ? 0 : findStuckAtEnd(evidence, spec, { tally, on }, found);
    return { ...tally, counts: countGroup(on, skipped, index), unread };
  });
}

/** What the follower of the run saw go. */
function judgeFollowed(events: readonly RunEvent[], history: History): void {
  const { index, groups, changes } = history;
  for (const [number, place] of index.places.entries()) {
    const { topic } = place;
    const under = changes.inForce(topic, WHOLE_RUN);
    if (isCompacted(under, topic)) continue;
    const delivered = groups.flatMap((group) => {
      const state = group.topic === topic ? group.places.get(number) : undefined;
      return state === undefined ? [] : [state.delivered];
    });
    const findings = changes.aboutGroups(topic, history.findings).under(under);
    findFollowedThenLost(events, place, delivered, { ...history, findings });
  }
}

/** Why missing deliveries prove nothing, or null. */
function excuseOf(
  { load, topic }: GroupTally,
  { changes }: History,
  died: ReadonlySet<string>,
): string | null {
  if (died.has(load)) return 'a consumer died; what it was handed last may not be in its ledger';
  return changes.bornUs(topic) > -Infinity ? MADE_ANEW : null;
}

/** Only a drain that came to its end says anything about a group that stands still. */
function findStuckAtEnd(
  { events, schedule }: RunEvidence,
  spec: LoadSpec | undefined,
  { tally, on }: { readonly tally: GroupTally; readonly on: readonly GroupOnPlace[] },
  { findings }: Pick<History, 'findings'>,
): number {
  const end = events.findLast((event) => event.type === 'phase-ended' && event.phase === 'drain');
  if (end === undefined) return 0;
  const healed = events.findLast(({ type }) => type === 'fault-healed');
  const quietSinceUs = Math.max(schedule?.measureUs ?? 0, healed?.t ?? 0);
  const times = { quietSinceUs, endUs: end.t, patienceUs: patienceUs(spec) };
  return findStuck(tally, on, times, findings);
}

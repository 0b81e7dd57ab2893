/** Every guarantee about consumer groups, over every group and partition. */
import type { RunEvent } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { MADE_ANEW, WHOLE_RUN } from './changes.ts';
import { countGroup } from './counts.ts';
import { Disturbances } from './disturbances.ts';
import { dueTo, findSkips, type GroupOnPlace, GroupPlace } from './group-delivery.ts';
import type { GroupTally, History } from './history.ts';
import { LogEnds } from './log-ends.ts';
import { isCompacted, noSkips, readsCommitted } from './promises.ts';
import { quietEnd, quietSinceUs } from './quiet.ts';
import { findFollowedThenLost, findReadThenLost } from './read-then-lost.ts';
import type { GroupCounts } from './result.ts';
import { findFallenCommits } from './rewound-commit.ts';
import { findStuck, patienceUs } from './stuck-groups.ts';
import { findShrunkLogs } from './truncation.ts';

export type JudgedGroup = GroupTally & {
  readonly counts: GroupCounts;
  /** Records it might still have read when the drain ended. */
  readonly unread: number;
  /** It was handed nothing, and neither what was to be read nor that it stands still says why. */
  readonly idle: boolean;
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
  const ends = new LogEnds(evidence.samples, evidence.events);
  return history.groups.map((tally) => {
    const { load, topic } = tally;
    const spec = scenario.load.find(({ name }) => name === load);
    const rules = { fromEarliest: noSkips(spec).holds };
    const on = index.places.flatMap((place, number): GroupOnPlace[] => {
      if (place.topic !== topic) return [];
      const state = tally.places.get(number) ?? new GroupPlace();
      const due = dueTo(readsCommitted(spec), place);
      const begin = state.begin(place, rules);
      const awaited = begin ?? ends.found(place, load, quietSinceUs(evidence));
      return [{ place, state, due, begin, awaited }];
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
    const times = died.has(load) ? null : quietEnd(evidence);
    const { stuck, unread } =
      times === null
        ? { stuck: 0, unread: 0 }
        : findStuck(tally, on, { ...times, patienceUs: patienceUs(spec) }, found.findings);
    const idle = stuck + unread === 0 && on.every(isIdle);
    return { ...tally, counts: countGroup(on, skipped, index), unread, idle };
  });
}

/** Handed nothing, and not because nothing of what stands there was committed. */
const isIdle = ({ state, place: { visible }, due }: GroupOnPlace): boolean =>
  state.handedOver === 0 && (due.size > 0 || visible.size === 0);

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

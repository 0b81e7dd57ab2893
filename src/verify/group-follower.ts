/** Shows every step of every group, as the workers' ledgers tell it, to the guarantees about groups. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { AuditIndex } from './audit-index.ts';
import { WHOLE_RUN } from './changes.ts';
import { Disturbances } from './disturbances.ts';
import { EpochsSeen } from './epochs-seen.ts';
import { GroupPositions } from './group-positions.ts';
import type { History } from './history.ts';
import { JumpsAhead } from './jump-ahead.ts';
import { noSkips, noTruncation, readsCommitted } from './promises.ts';
import { StepsBack } from './steps-back.ts';
import type { GroupListener } from './visit-ledgers.ts';

export function groupFollower(
  scenario: Scenario,
  { events }: RunEvidence,
  { places }: AuditIndex,
  { groups, changes, findings }: Pick<History, 'groups' | 'changes' | 'findings'>,
): GroupListener['onStep'] {
  const disturbances = new Disturbances(events);
  const epochs = new EpochsSeen(events);
  const positions = new Map(
    groups.map((group) => {
      const spec = scenario.load.find(({ name }) => name === group.load);
      const rules = { fromEarliest: noSkips(spec).holds, committedOnly: readsCommitted(spec) };
      const mine = { findings: changes.aboutGroups(group.topic, findings) };
      const stepsBack = new StepsBack(disturbances, epochs, spec);
      const clean = noTruncation(changes.inForce(group.topic, WHOLE_RUN), group.topic).holds;
      const jumpsAhead = new JumpsAhead(disturbances, clean);
      const about = { ...group, ...rules, ...mine };
      return [group, new GroupPositions(about, { stepsBack, jumpsAhead })];
    }),
  );
  return (group, state, entry) => {
    const place = places[entry.place];
    if (place !== undefined) positions.get(group)?.look(place, state, entry);
  };
}

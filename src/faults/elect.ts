/**
 * `elect`: asks for a new leader. A preferred election gives the lead to the first replica of the list, where another
 * one has it; an unclean one to a replica that may lack acknowledged records, where nobody else can lead (Kafka does
 * neither where it need not, and then the fault had no effect). Nothing to heal.
 */
import { waitFor } from '../lib/deadline.ts';
import type { ElectFault } from '../scenario/admin-fault.ts';
import type { PartitionMetadata } from '../wire/admin.ts';
import { codeOf, errorName } from '../wire/errors.ts';
import { accept, CALL, changing, onceDone, SEEN, stateOf } from './admin-call.ts';
import type { Arena, Effect, Fault } from './arena.ts';

const NOT_NEEDED = codeOf('ELECTION_NOT_NEEDED');

export const elect: Fault<ElectFault> = {
  inject: async (spec, arena) => {
    const { topic, partition } = spec.where;
    const before = await stateOf(arena.admin, spec.where);
    if (before === null) throw new Error(`there is no partition ${topic}/${partition}`);
    return onceDone(`${topic}/${partition}`, run(spec, before, arena));
  },
};

/** What an unclean election may take it takes while it is asked for; after the answer it is over. */
async function run(
  { name, where: { election, topic, partition } }: ElectFault,
  before: PartitionMetadata,
  arena: Arena,
): Promise<Effect> {
  const place = { topic, partition };
  const answer = await changing(arena, name, { kind: 'election', ...place, election }, async () => {
    const [said] = await arena.admin.electLeaders(election, [place], CALL);
    if (said?.errorCode !== NOT_NEEDED) accept(`elect a leader of ${topic}/${partition}`, said);
    return said;
  });
  if (answer?.errorCode === NOT_NEEDED) {
    return {
      proven: false,
      evidence: `broker ${before.leader} leads on in epoch ${before.leaderEpoch}: ${errorName(NOT_NEEDED)}`,
    };
  }
  const newer = async () => {
    const now = await stateOf(arena.admin, place);
    return now !== null && now.leader >= 0 && now.leaderEpoch > before.leaderEpoch && now;
  };
  const { signal } = arena;
  const now = await waitFor('a new leader epoch', newer, { ...SEEN, signal });
  return {
    proven: true,
    evidence: `leader ${before.leader} → ${now.leader}, epoch ${before.leaderEpoch} → ${now.leaderEpoch}`,
  };
}

/** One pass over the ledgers of all workers as one history, in the order of the harness's clock. */
import type { RawEntry } from '../evidence/ledger.ts';
import { mergeLedgers } from '../evidence/merge-ledgers.ts';
import type { WorkerLedger } from '../evidence/read-run.ts';
import type { CheckerMemory } from './checker-memory.ts';
import { GroupPlace } from './group-delivery.ts';
import type { GroupTally, StreamTally } from './history.ts';

/** Told of every step of a group before it is added to its state. */
export type GroupListener = {
  readonly groups: readonly GroupTally[];
  readonly memory: CheckerMemory;
  readonly onStep: (group: GroupTally, state: GroupPlace, entry: RawEntry) => void;
};

/** In the order of the harness's clock, over all workers. What groups were handed is only counted once memory is short. */
export function visitLedgers(
  ledgers: readonly WorkerLedger[],
  streams: readonly StreamTally[],
  { groups, memory, onStep }: GroupListener,
  visit: (tally: StreamTally, entry: RawEntry) => void,
): void {
  const groupOf = ledgers.map((ledger) => groups.find(({ load }) => load === ledger.load));
  const paths = ledgers.map(({ path }) => path);
  mergeLedgers(paths, (entry, source) => {
    const holds = memory.holds();
    if (entry.kind === 'intent' || entry.kind === 'outcome') {
      const tally = streams[entry.stream];
      if (tally === undefined) {
        const path = paths[source];
        throw new Error(`${path} names stream ${entry.stream}, which the run does not have`);
      }
      visit(tally, entry);
      return;
    }
    const group = groupOf[source];
    if (group === undefined) return;
    const state = group.places.get(entry.place) ?? new GroupPlace();
    group.places.set(entry.place, state);
    state.count(entry);
    if (!holds) return;
    onStep(group, state, entry);
    state.add(entry);
  });
}

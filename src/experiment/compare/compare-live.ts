/** A whole comparison of two scenarios in its folder: goes on from what is there, and leaves the findings and the page. */
import { type Concluded, concludeComparison } from './conclude-comparison.ts';
import { differencesBetween } from './differences.ts';
import type { SideFinding } from './findings.ts';
import { Journal } from './journal.ts';
import { comparedIn } from './pair-loop.ts';
import { type LiveSide, type PairSetting, runPairs } from './run-pairs.ts';

export type LiveSetting = Omit<PairSetting, 'journal' | 'base' | 'candidate'> & {
  readonly base: LiveSide & Pick<SideFinding, 'set'>;
  readonly candidate: LiveSide & Pick<SideFinding, 'set'>;
};

/** Null when it was interrupted. Throws what `Journal` and `runPairs` throw. */
export async function compareLive(setting: LiveSetting): Promise<Concluded | null> {
  const { folder, seed, rules, context, base, candidate } = setting;
  const [ours, theirs] = [base.load([], seed), candidate.load([], seed)];
  const scenarios = { base: ours.resolved, candidate: theirs.resolved };
  const journal = new Journal(folder, { ...scenarios, seed });
  const end = await runPairs({ ...setting, journal });
  if (end === 'interrupted') return null;
  return await concludeComparison(folder, comparedIn(journal), {
    base: { scenario: ours.scenario.name, from: base.file, set: base.set },
    candidate: { scenario: theirs.scenario.name, from: candidate.file, set: candidate.set },
    differences: differencesBetween(ours.scenario, theirs.scenario),
    rules,
    refusal: end === 'done' ? null : end,
    version: context.host.version,
    scenarios,
  });
}

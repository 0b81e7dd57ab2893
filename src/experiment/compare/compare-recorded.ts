/** A comparison of runs that were made before, on either side; nothing is started. */
import { loadScenario } from '../../scenario/load-scenario.ts';
import { type Concluded, concludeComparison } from './conclude-comparison.ts';
import { differencesBetween } from './differences.ts';
import type { CompareRules } from './findings.ts';
import type { RecordedSide } from './recorded-side.ts';

export type RecordedSetting = {
  readonly base: RecordedSide;
  readonly candidate: RecordedSide;
  readonly rules: CompareRules;
  readonly folder: string;
  /** Of the program. */
  readonly version: string;
};

/** Throws an environment error when the folder cannot be written. */
export async function compareRecorded(setting: RecordedSetting): Promise<Concluded> {
  const { base, candidate, rules, folder, version } = setting;
  const runs = { base: base.runs, candidate: candidate.runs };
  return await concludeComparison(
    folder,
    { design: 'sides', ...runs },
    {
      base: { scenario: base.scenario, from: base.from, set: [] },
      candidate: { scenario: candidate.scenario, from: candidate.from, set: [] },
      differences: differencesBetween(scenarioOf(base), scenarioOf(candidate)),
      rules,
      refusal: base.refusal ?? candidate.refusal,
      version,
      scenarios: { base: base.resolved, candidate: candidate.resolved },
    },
  );
}

const scenarioOf = ({ resolved, from }: RecordedSide) =>
  loadScenario(resolved, { file: from, env: {}, missingEnv: 'empty' }).scenario;

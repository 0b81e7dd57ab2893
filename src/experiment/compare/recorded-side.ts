/** Finished runs that stand for one side of a comparison. */
import type { Refusal } from './refusal.ts';
import type { ComparedRun, RecordedRun } from './runs.ts';

export type RecordedSide = {
  /** What the user named. */
  readonly from: string;
  readonly scenario: string;
  /** YAML, of its first run. */
  readonly resolved: string;
  readonly runs: readonly ComparedRun[];
  /** Null: all may be compared. */
  readonly refusal: Refusal | null;
};

/** `runs`: at least one. */
export function sideOf(from: string, runs: readonly RecordedRun[]): RecordedSide {
  const [first] = runs;
  if (first === undefined) throw new Error(`${from} has no runs`);
  const refused = runs.find(({ refusal }) => refusal !== null);
  return {
    from,
    scenario: first.scenario,
    resolved: first.resolved,
    runs: runs.map(({ folder, values, neighbours }) => ({ folder, values, neighbours })),
    refusal:
      refused?.refusal == null
        ? null
        : { ...refused.refusal, why: `${refused.folder}: ${refused.refusal.why}` },
  };
}

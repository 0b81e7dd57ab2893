/** Everything loadScenario has against a text; anything it throws but ScenarioError passes through. */
import { loadScenario, ScenarioError } from '../../src/scenario/load-scenario.ts';
import type { LocatedProblem } from '../../src/scenario/problem.ts';

export function problemsOf(text: string, set: readonly string[] = []): readonly LocatedProblem[] {
  try {
    loadScenario(text, { file: 'wrong.yaml', set, env: {} });
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

/** What is wrong with a scenario: collected as values, shown all at once, before anything starts. */

/** A value's place in the scenario, such as `['faults', 'leader-dies', 'at']`. */
export type Path = readonly (string | number)[];

export type Problem = {
  readonly path: Path;
  /** Names the thing, the rule and what was found; ends without a full stop. */
  readonly message: string;
  readonly hint?: string | undefined;
};

/** A problem with its place in the file; `--set NAME` values have no line. */
export type LocatedProblem = Problem & {
  /** `FILE:LINE:COLUMN`, or `--set NAME`. */
  readonly at: string;
  /** The lines around it with a caret, or an empty string. */
  readonly frame: string;
};

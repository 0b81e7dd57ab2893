/** What one run has on the engine: how its things are called, and the labels that a clean-up finds them by. */
import { runFilter, runLabels } from '../../host/engine-labels.ts';

export type RunResources = {
  /** Every container, network and volume begins with it: `ordeal-1712-4711`. */
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The label as the engine filters by it. */
  readonly filter: string;
};

/** `name` is that of the run's state file, unique among living runs. */
export const resourcesOf = (name: string): RunResources => ({
  prefix: `ordeal-${name}`,
  labels: runLabels(name),
  filter: runFilter(name),
});

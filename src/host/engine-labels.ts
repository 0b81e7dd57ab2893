/** How a run marks what it makes on an engine, so that anything of ours can be found and told from a living run's. */
import { hostname } from 'node:os';
import { isSameProcess, startTimeOf } from './identity.ts';

/** The run's name, which is its state file's too. */
export const RUN_LABEL = 'ordeal.run';
/** `HOSTNAME PID STARTED` of the process that answers for it. */
export const HARNESS_LABEL = 'ordeal.harness';

export type Labels = Readonly<Record<string, string>>;

/** For everything that the run of this process makes. */
export const runLabels = (name: string): Labels => ({
  [RUN_LABEL]: name,
  [HARNESS_LABEL]: [hostname(), process.pid, startTimeOf(process.pid) ?? ''].join(' '),
});

/** The run's label, as an engine filters by it. */
export const runFilter = (name: string): string => `${RUN_LABEL}=${name}`;

/** True only when the harness ran on this machine and is gone. */
export function isOrphan(labels: Labels): boolean {
  const [machine, pid, startedAt = ''] = (labels[HARNESS_LABEL] ?? '').split(' ');
  return machine === hostname() && !isSameProcess({ pid: Number(pid), startedAt });
}

/** Checks that faults on workers fit the loads: they exist, and can do what the fault asks of them. */
import type { Path, Problem } from '../problem.ts';
import { suggest } from '../suggest.ts';
import type { LoadWhere } from '../worker-fault.ts';
import type { Report } from '../yaml/collect.ts';
import type { Draft, DraftLoad } from '../yaml/draft.ts';

export function checkWorkers({ load }: Draft, path: Path, where: LoadWhere, report: Report): void {
  if (load === undefined) return;
  const names = Object.keys(load);
  if (!names.includes(where.load)) {
    const message = `no load is called \`${where.load}\``;
    report({ path, message, hint: suggest(where.load, names) });
    return;
  }
  const workers = workersOf(load[where.load]);
  if (where.worker === null || workers === undefined || where.worker < workers) return;
  report({
    path,
    message: `load \`${where.load}\` has no worker ${where.worker}`,
    hint:
      workers === 1
        ? 'it has only worker 0; more need `workers`, and a client for each'
        : `its workers are numbered 0 to ${workers - 1}`,
  });
}

/** A worker without a client is not started. */
function workersOf(load: DraftLoad | undefined): number | undefined {
  if (load?.workers === undefined) return undefined;
  const produces = 'producers' in load ? load.producers : undefined;
  const clients = 'consumers' in load ? load.consumers : produces;
  return clients === undefined ? undefined : Math.min(load.workers, clients);
}

/** Only members of a group can leave it. */
export const noGroup = (where: LoadWhere | undefined, load: Draft['load']): Problem | undefined =>
  where !== undefined && load?.[where.load]?.kind === 'produce'
    ? {
        path: ['where'],
        message: `load \`${where.load}\` produces, and only consumers are members of a group`,
        hint: 'name a load that consumes',
      }
    : undefined;

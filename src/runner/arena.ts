/** The arena that faults act in, made from the running cluster and the workers of the load. */
import type { RunningCluster } from '../cluster/cluster.ts';
import type { Arena, LoadWorker } from '../faults/arena.ts';
import { resolveRole } from '../faults/roles.ts';
import { isStopped } from '../host/identity.ts';
import { createRandom } from '../lib/random.ts';
import type { RunningLoad, WorkerControl } from '../load/control.ts';
import type { Admin } from '../wire/admin.ts';
import type { Session } from './session.ts';

type Ground = {
  readonly cluster: RunningCluster;
  readonly admin: Admin;
  readonly load: RunningLoad;
};

export function createArena({ cluster, admin, load }: Ground, session: Session): Arena {
  const { plan, ending: signal } = session;
  const random = createRandom(plan.seed, 'fault targets');
  const cast = { nodes: cluster.nodes, admin, random, signal };
  return {
    ...cast,
    links: cluster.links,
    linkNodes: cluster.linkNodes,
    resolve: (where) => resolveRole(where, cast),
    onChange: ({ step, ...told }) => session.event({ type: `change-${step}`, ...told }),
    workers: (where) => load.workers(where.load, where.worker).map(toLoadWorker),
    onLogLost: (lost) => session.event({ type: 'log-lost', ...lost }),
  };
}

export function toLoadWorker(control: WorkerControl): LoadWorker {
  const { load, worker } = control;
  return {
    name: `worker ${worker} of load ${load}`,
    look: async () => {
      const { pid } = control;
      return pid === null
        ? { process: null, stopped: undefined }
        : { process: `process ${pid}`, stopped: isStopped(pid) };
    },
    kill: () => control.kill(),
    start: () => control.restart(),
    pause: async () => control.pause(),
    resume: async () => control.resume(),
    slow: (slowMs) => control.disturb({ ...control.disturbance, slowMs }),
    slowed: () => control.slowed,
    rejoin: (rejoinMs) => control.disturb({ ...control.disturbance, rejoinMs }),
    assignments: () => control.assignments,
  };
}

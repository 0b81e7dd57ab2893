/** The arena that faults act in, made from the running cluster. */
import type { RunningCluster } from '../cluster/cluster.ts';
import type { Arena } from '../faults/arena.ts';
import { resolveRole } from '../faults/roles.ts';
import { createRandom } from '../lib/random.ts';
import type { Admin } from '../wire/admin.ts';
import type { Session } from './session.ts';

export function createArena(cluster: RunningCluster, admin: Admin, session: Session): Arena {
  const { plan, signal } = session;
  const random = createRandom(plan.seed, 'fault targets');
  const cast = { nodes: cluster.nodes, admin, random, signal };
  return {
    ...cast,
    links: cluster.links,
    linkNodes: cluster.linkNodes,
    resolve: (where) => resolveRole(where, cast),
    onChange: ({ step, ...told }) => session.event({ type: `change-${step}`, ...told }),
    onLogLost: (lost) => session.event({ type: 'log-lost', ...lost }),
  };
}

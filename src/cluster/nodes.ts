/** Which KRaft nodes a scenario's cluster has. */
import type { Scenario } from '../scenario/scenario.ts';
import type { NodeRole } from './cluster.ts';

export type PlannedNode = { readonly id: number; readonly roles: readonly NodeRole[] };

/** Separate controllers are numbered from here, clear of any broker. */
const FIRST_CONTROLLER = 101;

/** A quorum of more than three is slower and, on one machine, no safer. */
const MOST_COMBINED = 3;

/** Brokers by id, then separate controllers; none for an external cluster. */
export function plannedNodes({ cluster }: Scenario): readonly PlannedNode[] {
  if (cluster.provider === 'external') return [];
  const brokers = Array.from({ length: cluster.brokers }, (_, i): PlannedNode => {
    const combined = cluster.controllers === 0 && i < MOST_COMBINED;
    return { id: i + 1, roles: combined ? ['broker', 'controller'] : ['broker'] };
  });
  const controllers = Array.from(
    { length: cluster.controllers },
    (_, i): PlannedNode => ({ id: FIRST_CONTROLLER + i, roles: ['controller'] }),
  );
  return [...brokers, ...controllers];
}

export const hasRole = (
  { roles }: { readonly roles: readonly NodeRole[] },
  role: NodeRole,
): boolean => roles.includes(role);

/** `broker-1`, or `controller-101` for a node that is only that. */
export const nodeName = (node: PlannedNode): string =>
  `${hasRole(node, 'broker') ? 'broker' : 'controller'}-${node.id}`;

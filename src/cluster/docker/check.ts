/** What a scenario asks of a cluster in containers that cannot be. Their worlds are Linux, wherever the engine is. */
import { check as checkLinks } from '../../links/check.ts';
import type { Problem } from '../../scenario/problem.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { check as checkManaged } from '../managed-check.ts';
import { plannedNodes } from '../nodes.ts';

export const check = (scenario: Scenario): readonly Problem[] => [
  ...checkManaged(scenario),
  ...checkLinks(scenario, plannedNodes(scenario), 'linux'),
];

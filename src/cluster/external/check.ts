/** What a scenario asks of an external cluster that ordeal cannot do: it neither configures nor breaks one. */
import type { Problem } from '../../scenario/problem.ts';
import type { Scenario } from '../../scenario/scenario.ts';

export const check = ({ cluster, faults }: Scenario): readonly Problem[] => [
  ...Object.keys(cluster.config).map((name) => ({
    path: ['cluster', 'config', name],
    message: `broker setting \`${name}\` cannot be given to an external cluster`,
    hint: 'set it where that cluster is run, or use provider: local',
  })),
  ...faults.map(({ name, kind }) => ({
    path: ['faults', name],
    message: `fault \`${name}\` (${kind}) needs a cluster that ordeal runs itself, and this one is external`,
    hint: 'remove the fault, or use provider: local',
  })),
];

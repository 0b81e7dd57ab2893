/** What a scenario asks of a local cluster that cannot be. */
import type { HostEnvironment } from '../../host/environment.ts';
import { knownKafkaVersions } from '../../host/kafka-jars.ts';
import { check as checkLinks } from '../../links/check.ts';
import type { Problem } from '../../scenario/problem.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { check as checkManaged } from '../managed-check.ts';
import { plannedNodes } from '../nodes.ts';

export const check = (scenario: Scenario, host: HostEnvironment): readonly Problem[] => [
  ...versionProblems(scenario),
  ...checkManaged(scenario),
  ...checkLinks(scenario, plannedNodes(scenario), host.platform),
];

function versionProblems({ cluster: { kafka } }: Scenario): readonly Problem[] {
  const known = knownKafkaVersions();
  if (known.includes(kafka)) return [];
  return [
    {
      path: ['cluster', 'kafka'],
      message: `Kafka ${kafka} cannot be run locally`,
      hint: `known versions: ${known.join(', ')}`,
    },
  ];
}

/** What a scenario asks of a local cluster that cannot be. */
import type { HostEnvironment } from '../../host/environment.ts';
import { knownKafkaVersions } from '../../host/kafka-jars.ts';
import { check as checkLinks } from '../../links/check.ts';
import type { Problem } from '../../scenario/problem.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { isOwnedSetting } from '../broker-config.ts';
import { plannedNodes } from '../nodes.ts';

export const check = (scenario: Scenario, host: HostEnvironment): readonly Problem[] => [
  ...versionProblems(scenario),
  ...settingProblems(scenario),
  ...connectionProblems(scenario),
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

const settingProblems = ({ cluster }: Scenario): readonly Problem[] =>
  Object.keys(cluster.config)
    .filter(isOwnedSetting)
    .map((name) => ({
      path: ['cluster', 'config', name],
      message: `\`${name}\` follows from the cluster's shape and cannot be set`,
      hint: 'remove it; cluster.brokers and cluster.controllers decide the shape',
    }));

const connectionProblems = ({ cluster }: Scenario): readonly Problem[] =>
  Object.keys(cluster.connection).length === 0
    ? []
    : [
        {
          path: ['cluster', 'connection'],
          message:
            'a local cluster speaks plaintext without users; `connection` is for an external one',
          hint: 'remove connection, or set provider: external and bootstrap',
        },
      ];

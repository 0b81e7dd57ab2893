/** What nobody may ask of a cluster that ordeal runs itself, whoever provides it. */
import type { Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isOwnedSetting } from './broker-config.ts';

export const check = (scenario: Scenario): readonly Problem[] => [
  ...settingProblems(scenario),
  ...connectionProblems(scenario),
];

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
          message: `a ${cluster.provider} cluster speaks plaintext without users; \`connection\` is for an external one`,
          hint: 'remove connection, or set provider: external and bootstrap',
        },
      ];

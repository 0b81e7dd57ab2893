/** What is wrong with the links that a scenario's faults name, before anything starts. */
import type { Problem } from '../scenario/problem.ts';
import type { LinkPattern, Scenario } from '../scenario/scenario.ts';
import { type LinkNode, possibleLinks } from './pattern.ts';

export function check(
  { faults }: Scenario,
  nodes: readonly LinkNode[],
  platform: NodeJS.Platform,
): readonly Problem[] {
  return faults.flatMap(({ name, where, whereText }): readonly Problem[] => {
    if (!isPatterns(where)) return [];
    const path = ['faults', name, 'where'];
    const links = possibleLinks(where, nodes);
    if (links.length === 0) {
      return [
        {
          path,
          message: `no link of this cluster matches \`${whereText}\``,
          hint: 'clients dial CLIENT of brokers, brokers dial BROKER of brokers, every node dials CONTROLLER of controllers',
        },
      ];
    }
    if (platform === 'linux' || links.every(({ from }) => from === 'clients')) return [];
    return [
      {
        path,
        message: `links between brokers need Linux (this is ${platform}): only \`clients -> …\` can be broken here`,
      },
    ];
  });
}

const isPatterns = (where: unknown): where is readonly LinkPattern[] => Array.isArray(where);

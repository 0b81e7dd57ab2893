/**
 * Whether the members of a group can share its partitions out. Each names the ways it knows, and a coordinator refuses a
 * member that has none in common with those that are there (INCONSISTENT_GROUP_PROTOCOL).
 */
import type { Problem } from '../scenario/problem.ts';
import type { ConsumeLoad, Scenario } from '../scenario/scenario.ts';
import { resolveConfig } from './resolve.ts';

const STRATEGY = 'partition.assignment.strategy';

/** One for each load that could not join the group of one before it. */
export function checkGroups({ load }: Scenario): Problem[] {
  const first = new Map<string, ConsumeLoad>();
  const problems: Problem[] = [];
  for (const one of load) {
    if (one.kind !== 'consume') continue;
    const other = first.get(one.group);
    if (other === undefined) first.set(one.group, one);
    else if (protocolOf(one) !== protocolOf(other)) problems.push(disagreement(one, other));
  }
  return problems;
}

/** kafkajs has a name of its own for what others call roundrobin, and no other is known to it. */
const protocolOf = (load: ConsumeLoad): string =>
  load.client === 'kafkajs' ? 'RoundRobinAssigner' : String(resolveConfig(load)[STRATEGY]);

function disagreement(load: ConsumeLoad, other: ConsumeLoad): Problem {
  const message = `${load.name} and ${other.name} cannot be members of one group \`${load.group}\``;
  return load.client === other.client
    ? {
        path: ['load', load.name, 'group'],
        message: `${message}: they share partitions out by different strategies`,
        hint: `give both the same \`${STRATEGY}\`, or each a group of its own`,
      }
    : {
        path: ['load', load.name, 'group'],
        message: `${message}: kafkajs and the native client have no common way to share partitions out`,
        hint: 'give both the same `client`, or each a group of its own',
      };
}

/**
 * What a scenario asks of an external cluster that ordeal cannot do, and what it does there only with consent: others
 * work with that cluster, so a run changes nothing that it has not made itself.
 */

import type { AdminFault } from '../../scenario/admin-fault.ts';
import type { Problem } from '../../scenario/problem.ts';
import type { FaultSpec, Scenario } from '../../scenario/scenario.ts';
import { loadUnder } from '../../scenario/where.ts';
import { writtenTopic } from '../../scenario/written-topics.ts';
import { PREFIX_LENGTH } from './prefix.ts';

const TOPIC_NAME_LENGTH = 249;

/** What a proxy before a broker can do. */
const BY_PROXY: ReadonlySet<string> = new Set([
  ...['latency', 'bandwidth', 'reset', 'blackhole', 'partition'],
]);

export const check = (scenario: Scenario): readonly Problem[] => [
  ...Object.keys(scenario.cluster.config).map((name) => ({
    path: ['cluster', 'config', name],
    message: `broker setting \`${name}\` cannot be given to an external cluster`,
    hint: 'set it where that cluster is run, or use provider: local or docker',
  })),
  ...scenario.faults.flatMap((fault) => checkFault(fault, scenario)),
  ...checkNames(scenario),
  ...checkConsent(scenario),
];

/** Its own topics a run may change; those that were there, and brokers, it may not. */
function checkAdminFault({ name, kind, where }: AdminFault, { topics }: Scenario): Problem[] {
  const path = ['faults', name, 'where'];
  if (!('topic' in where)) {
    return [
      {
        path,
        message: `fault \`${name}\` (${kind}) would change broker settings, and this cluster is external`,
        hint: 'use provider: local or docker, or change the settings of a topic',
      },
    ];
  }
  if (!topics[where.topic]?.existing) return [];
  return [
    {
      path,
      message: `fault \`${name}\` (${kind}) would change \`${where.topic}\`, a topic that was there before`,
      hint: `remove \`existing\` of topics.${where.topic}, and ordeal makes a topic of its own`,
    },
  ];
}

const ADMIN_KINDS: ReadonlySet<string> = new Set<AdminFault['kind']>([
  ...(['elect', 'reassign', 'add-partitions'] as const),
  ...(['alter-config', 'recreate-topic', 'delete-records'] as const),
]);

const isAdminFault = (fault: FaultSpec): fault is AdminFault => ADMIN_KINDS.has(fault.kind);

function checkFault(fault: FaultSpec, scenario: Scenario): readonly Problem[] {
  if (isAdminFault(fault)) return checkAdminFault(fault, scenario);
  const { name, kind, where, whereText } = fault;
  const path = ['faults', name, 'where'];
  if (loadUnder(fault) !== null) return [];
  if (!Array.isArray(where) || !BY_PROXY.has(kind)) {
    return [
      {
        path,
        message: `fault \`${name}\` (${kind}) needs a cluster that ordeal runs itself, and this one is external`,
        hint: 'use provider: local or docker; here only clients of ordeal can be harmed, such as latency: clients -> brokers or kill: load NAME',
      },
    ];
  }
  if (where.every(({ from }) => from.kind === 'clients')) return [];
  return [
    {
      path,
      message: `\`${whereText}\` are links inside an external cluster, where ordeal has no proxy`,
      hint: 'use provider: local or docker; here only `clients -> …` can be broken',
    },
  ];
}

/** With their prefix, names must still be names to Kafka. */
const checkNames = ({ topics }: Scenario): readonly Problem[] =>
  Object.entries(topics).flatMap(([name, { existing }]) =>
    existing || name.length + PREFIX_LENGTH <= TOPIC_NAME_LENGTH
      ? []
      : [
          {
            path: ['topics', name],
            message: `\`${name}\` is too long for the prefix that topics get on an external cluster`,
            hint: `at most ${TOPIC_NAME_LENGTH - PREFIX_LENGTH} characters`,
          },
        ],
  );

const checkConsent = ({ cluster, topics, load }: Scenario): readonly Problem[] =>
  load.flatMap((one) => {
    const topic = writtenTopic(one);
    const consented = topic === null || !topics[topic]?.existing || cluster.allowDestructive;
    if (consented) return [];
    return [
      {
        path: ['load', one.name, ...(one.kind === 'produce' ? ['topic'] : ['relay', 'to'])],
        message: `load \`${one.name}\` would write into \`${topic}\`, a topic that was there before`,
        hint: 'if nobody minds, run with --allow-destructive; without `existing`, ordeal makes a topic of its own',
      },
    ];
  });

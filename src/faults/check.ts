/** What faults ask for that would prove nothing about Kafka. */
import type { Problem } from '../scenario/problem.ts';
import type { FaultSpec, Scenario } from '../scenario/scenario.ts';
import { findTopicSetting, type Setting } from '../scenario/topic-setting.ts';

export const check = (scenario: Scenario): readonly Problem[] => [
  ...scenario.faults.flatMap(replaceProblems),
  ...flushProblems(scenario),
];

function replaceProblems(fault: FaultSpec): readonly Problem[] {
  if (fault.kind !== 'replace' || fault.where.kind !== 'all-brokers') return [];
  return [
    {
      path: ['faults', fault.name, 'where'],
      message:
        'with all disks emptied at once nobody has a record any more, whatever Kafka promises',
      hint: 'replace one broker, such as `leader of TOPIC/0`, and let it copy from the others',
    },
  ];
}

/** Kafka's default: never. */
const NEVER = '9223372036854775807';

/**
 * What a power loss may take is what lies above Kafka's recovery points, which are written down once a minute. They
 * say what was synced as long as Kafka only syncs segments that are full.
 */
function flushProblems(scenario: Scenario): readonly Problem[] {
  const settings = scenario.faults.flatMap((fault) => {
    if (fault.kind !== 'power-loss') return [];
    const topics = fault.of === null ? Object.keys(scenario.topics) : [fault.of.topic];
    return topics.flatMap((topic) => flushSettings(scenario, topic));
  });
  const unique = new Map(settings.map((setting) => [setting.path.join('\0'), setting]));
  return [...unique.values()].map(({ path }) => ({
    path,
    message: `\`${path.at(-1)}\` makes Kafka sync at moments that nobody outside sees, so a power loss would take synced records`,
    hint: 'remove it: without it only the newest segment is not synced, which is what power-loss cuts',
  }));
}

function flushSettings(scenario: Scenario, topic: string): readonly Setting[] {
  const scheduler = 'log.flush.scheduler.interval.ms';
  const general = scenario.cluster.config[scheduler];
  const found = [
    findTopicSetting(scenario, topic, 'flush.messages'),
    findTopicSetting(scenario, topic, 'flush.ms'),
    general === undefined
      ? undefined
      : { value: general, path: ['cluster', 'config', scheduler] as const },
  ];
  return found.filter((setting) => setting !== undefined && setting.value !== NEVER) as Setting[];
}

/** Checks that faults fit the scenario: the places they name exist, and they end within `measure`. */

import type { AdminFault } from '../admin-fault.ts';
import { transactionalIds } from '../kafka-names.ts';
import type { Path, Problem } from '../problem.ts';
import type { BrokerWhere, LinkEnd, LinkPattern, TopicPlace } from '../scenario.ts';
import { suggest } from '../suggest.ts';
import { formatCount, formatDuration } from '../units.ts';
import type { LoadWhere } from '../worker-fault.ts';
import type { Report } from '../yaml/collect.ts';
import { type Draft, type DraftFault, entriesOf } from '../yaml/draft.ts';
import { NO_SETTINGS, replicasProblem } from './admin-faults.ts';
import { checkCampaign, type DraftCampaign, isCampaign } from './campaign.ts';
import { checkWorkers, noGroup } from './worker-faults.ts';

export function checkFaults(draft: Draft, report: Report): void {
  for (const [name, fault] of entriesOf(draft.faults)) {
    const path = ['faults', name];
    checkWindow(draft, path, fault, report);
    if (isCampaign(fault)) {
      checkCampaign(draft, name, fault, report);
      continue;
    }
    for (const { end, step } of endsOf(fault)) {
      checkEnd(draft, [...path, 'where', ...step], end, report);
    }
    const lack = whatItLacks(draft, fault);
    if (lack !== undefined) report({ ...lack, path: [...path, ...lack.path] });
    if (fault.kind === 'power-loss' && fault.of !== undefined) {
      checkPlace(draft, [...path, 'of'], fault.of, report);
    }
  }
}

/** What the kind of fault needs of the rest of the scenario and does not find. */
function whatItLacks(draft: Draft, fault: PlacedFault): Problem | undefined {
  const { cluster = {}, load } = draft;
  switch (fault.kind) {
    case 'reassign':
      return replicasProblem(draft, fault);
    case 'alter-config':
      return Object.keys(fault.config ?? {}).length === 0 ? NO_SETTINGS : undefined;
    case 'rolling-restart':
      return isOne(fault.where) && fault.where.kind !== 'all-brokers' ? NOT_ROLLING : undefined;
    case 'oom':
      return cluster.memory === undefined ? NO_MEMORY_LIMIT : undefined;
    case 'disk-full':
      return cluster.volume === 'volume' ? NO_DISK_SIZE : undefined;
    case 'cpu':
      return quotaProblem(fault.quota, cluster.cpus);
    case 'rebalance-storm':
      return noGroup(fault.where, load);
    default:
      return undefined;
  }
}

const NOT_ROLLING: Problem = {
  path: ['where'],
  message: 'a rolling restart goes over all brokers',
  hint: 'write `rolling-restart: all brokers`, or `restart`',
};
const NO_MEMORY_LIMIT: Problem = {
  path: ['where'],
  message: 'without a limit, memory runs out for the whole machine and not for one broker',
  hint: 'set cluster.memory, such as 1GiB',
};
const NO_DISK_SIZE: Problem = {
  path: ['where'],
  message: 'without a size, the disk that fills up is that of the whole machine',
  hint: 'set cluster.volume: { tmpfs: 512MiB }',
};

function quotaProblem(quota: number | undefined, cpus: number | undefined): Problem | undefined {
  if (quota === undefined || cpus === undefined || quota < cpus) return undefined;
  return {
    path: ['quota'],
    message: `each broker has ${formatCount(cpus)} cores anyway (cluster.cpus)`,
    hint: 'give it less',
  };
}

/** Every fault but campaigns, which draw theirs. */
type PlacedFault = Exclude<DraftFault, DraftCampaign>;

type AdminWhere = AdminFault['where'];

const isOne = (where: PlacedFault['where']): where is BrokerWhere | LoadWhere | AdminWhere =>
  where !== undefined && !Array.isArray(where);

type End = LinkEnd | BrokerWhere | LoadWhere | AdminWhere;

/** Every place a fault names, and the item of the list it stands in, if it is a list. */
type NamedEnd = { readonly end: End; readonly step: readonly number[] };

function endsOf({ where }: PlacedFault): readonly NamedEnd[] {
  if (where === undefined) return [];
  if (isOne(where)) return [{ end: where, step: [] }];
  const items: readonly (LinkPattern | readonly LinkPattern[] | undefined)[] = where;
  const ends = items.flatMap((item, index) =>
    [item ?? []].flat().flatMap(({ from, to }) => {
      const step = Array.isArray(item) ? [index] : [];
      return [
        { end: from, step },
        { end: to, step },
      ];
    }),
  );
  // One problem per place, however many patterns repeat it.
  return [...new Map(ends.map((named) => [JSON.stringify(named), named])).values()];
}

function checkWindow({ phases }: Draft, path: Path, fault: DraftFault, report: Report): void {
  const measure = phases?.measure;
  const { at } = fault;
  if (measure === undefined || at === undefined) return;
  const early = at < 0 ? beginsTooEarly(-at, phases?.warmup, fault) : undefined;
  if (early !== undefined) report({ path: [...path, 'at'], ...early });
  if (at >= measure) {
    report({
      path: [...path, 'at'],
      message: `${formatDuration(at)} is not within measure, which lasts ${formatDuration(measure)}`,
      hint: 'start the fault earlier, or make phases.measure longer',
    });
    return;
  }
  const lasting = 'for' in fault ? fault.for : undefined;
  if (lasting !== undefined && at + lasting > measure) {
    report({
      path: [...path, 'for'],
      message: `the fault ends at ${formatDuration(at + lasting)}, after measure, which lasts ${formatDuration(measure)}`,
      hint: `at most ${formatDuration(measure - at)}, or make phases.measure longer`,
    });
  }
}

/** Before `measure` there is the warm-up, and a campaign is drawn for `measure` alone. */
function beginsTooEarly(
  earlyMs: number,
  warmupMs: number | undefined,
  fault: DraftFault,
): Omit<Problem, 'path'> | undefined {
  if (isCampaign(fault)) {
    return { message: 'a campaign begins within measure', hint: 'start it at 0s or later' };
  }
  if (warmupMs === undefined || earlyMs <= warmupMs) return undefined;
  return {
    message: `${formatDuration(earlyMs)} before measure nothing runs yet: the warm-up lasts ${formatDuration(warmupMs)}`,
    hint: 'start the fault later, or make phases.warmup longer',
  };
}

function checkEnd(draft: Draft, path: Path, end: End, report: Report): void {
  if ('topic' in end) {
    checkPlace(draft, path, end, report);
  } else if (end.kind === 'load') {
    checkWorkers(draft, path, end, report);
  } else if (end.kind === 'broker') {
    const { brokers, provider } = draft.cluster ?? {};
    // Which ids an external cluster has is known only when it answers.
    if (brokers === undefined || provider === 'external' || (end.id >= 1 && end.id <= brokers))
      return;
    report({
      path,
      message: `there is no broker ${end.id}`,
      hint: `brokers are numbered 1 to ${brokers}`,
    });
  } else if (end.kind === 'coordinator' && end.of === 'group') {
    checkGroup(draft, path, end.id, report);
  } else if (end.kind === 'coordinator') {
    checkTransaction(draft, path, end.id, report);
  }
}

type NamedPlace = TopicPlace & {
  readonly kind?: 'leader' | 'follower' | 'place' | 'election';
};

function checkPlace(
  { topics }: Draft,
  path: Path,
  { kind, topic, partition }: NamedPlace,
  report: Report,
): void {
  if (topics === undefined) return;
  const names = Object.keys(topics);
  if (!names.includes(topic)) {
    report({ path, message: `no topic is called \`${topic}\``, hint: suggest(topic, names) });
    return;
  }
  const { partitions, replicas } = topics[topic] ?? {};
  if (partitions !== undefined && partition !== null && partition >= partitions) {
    report({
      path,
      message: `topic \`${topic}\` has no partition ${partition}`,
      hint:
        partitions === 1
          ? 'it has only partition 0'
          : `partitions are numbered 0 to ${partitions - 1}`,
    });
  }
  if (kind === 'follower' && replicas === 1) {
    report({ path, message: `topic \`${topic}\` has one replica, so no follower` });
  }
}

function checkGroup({ load }: Draft, path: Path, group: string, report: Report): void {
  if (load === undefined) return;
  const groups = entriesOf(load).flatMap(([name, entry]) =>
    entry.kind === 'consume' ? [entry.group ?? name] : [],
  );
  if (groups.includes(group)) return;
  report({ path, message: `no load consumes as group \`${group}\``, hint: suggest(group, groups) });
}

/** What others run on an external cluster has coordinators too, but no fault of ours acts on its brokers. */
function checkTransaction({ load, topics }: Draft, path: Path, id: string, report: Report): void {
  if (load === undefined) return;
  const ids = entriesOf(load).flatMap(([name, entry]) => {
    if (entry.kind === 'produce') {
      return entry.transaction === undefined ? [] : transactionalIds(name, entry.producers ?? 1);
    }
    if (entry.kind !== 'consume') return [];
    const partitions = topics?.[entry.topic ?? '']?.partitions ?? 1;
    return entry.relay?.transactional ? transactionalIds(name, partitions) : [];
  });
  if (ids.includes(id)) return;
  const hint =
    ids.length === 0
      ? 'give a load `transaction`; its producers are LOAD-0, LOAD-1 and so on'
      : suggest(id, ids);
  report({ path, message: `no producer has the transactional.id \`${id}\``, hint });
}

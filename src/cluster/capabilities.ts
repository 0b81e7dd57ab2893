/**
 * What each provider can do to a cluster: one table, by which scenarios are checked before anything starts and which
 * `ordeal doctor` prints. A kind of fault that is added to the scenario's union breaks the build until it stands here.
 */
import { type CampaignKind, type CampaignSource, cutsPeers } from '../scenario/campaign.ts';
import type { Path, Problem } from '../scenario/problem.ts';
import type {
  BrokerWhere,
  ClusterSpec,
  FaultKind,
  FaultSpec,
  Scenario,
} from '../scenario/scenario.ts';
import { loadUnder } from '../scenario/where.ts';
import { hasRole, plannedNodes } from './nodes.ts';

export const PROVIDERS = ['local', 'docker', 'external'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Text is why not; `{ only }` what of it can be done. */
export type Ability = true | string | { readonly only: string };
type Row = Readonly<Record<Provider, Ability>>;

const FOREIGN = 'ordeal does not run its brokers';
const NO_CONTAINER = 'its brokers are processes of this machine, not containers';

const onBrokers: Row = { local: true, docker: true, external: FOREIGN };
/** They harm ordeal's own processes alone. */
const onWorkers: Row = { local: true, docker: true, external: true };
const onProcesses: Row = { local: true, docker: true, external: { only: 'load …' } };
const onLinks: Row = { local: true, docker: true, external: { only: 'clients -> …' } };
const byAdmin: Row = { local: true, docker: true, external: { only: 'own topics' } };
const inContainers = (local = NO_CONTAINER): Row => ({ local, docker: true, external: FOREIGN });

export const FAULT_ABILITIES: { readonly [K in FaultKind]: Row } = {
  kill: onProcesses,
  stop: onBrokers,
  pause: onProcesses,
  restart: onBrokers,
  'rolling-restart': onBrokers,
  latency: onLinks,
  bandwidth: onLinks,
  reset: onLinks,
  blackhole: onLinks,
  partition: onLinks,
  drop: inContainers(
    'its brokers share the network of this machine, where packets are not ours to drop',
  ),
  recreate: inContainers(),
  replace: inContainers(),
  oom: inContainers('its brokers share the memory of this machine'),
  cpu: inContainers('its brokers share the cores of this machine'),
  'disk-full': inContainers('its brokers share the disk of this machine'),
  'disk-readonly': inContainers('its brokers share the disk of this machine'),
  'power-loss': inContainers(),
  disconnect: inContainers('its brokers share the network of this machine'),
  elect: byAdmin,
  reassign: byAdmin,
  'add-partitions': byAdmin,
  'alter-config': byAdmin,
  'recreate-topic': byAdmin,
  'delete-records': byAdmin,
  slow: onWorkers,
  'rebalance-storm': onWorkers,
};

/** What a scenario may give each broker, and how it is asked for. */
type Resource = Row & {
  readonly key: string;
  readonly asked: (cluster: ClusterSpec) => boolean;
};

export const RESOURCES: readonly Resource[] = [
  { key: 'cpus', asked: ({ cpus }) => cpus !== null, ...inContainers() },
  { key: 'memory', asked: ({ memoryBytes }) => memoryBytes !== null, ...inContainers() },
  { key: 'volume', asked: ({ volume }) => volume.kind === 'tmpfs', ...inContainers() },
];

/** What this scenario's provider cannot do; `auto` must have become one of them, and `why` says why this one. */
export function checkCapabilities(
  scenario: Scenario,
  why: string | null = null,
): readonly Problem[] {
  const { cluster, faults } = scenario;
  const { provider } = cluster;
  if (provider === 'auto') throw new Error('which provider it is must be known');
  const faultProblems = faults.flatMap((fault) => {
    const { name, kind } = fault;
    return refusal(['faults', name, 'where'], `fault ${kind}`, rowOf(fault), { provider, why });
  });
  const resourceProblems = RESOURCES.filter(({ asked }) => asked(cluster)).flatMap((row) =>
    refusal(['cluster', row.key], `cluster.${row.key}`, row, { provider, why }),
  );
  return [...resourceProblems, ...faultProblems, ...voterProblems(scenario)];
}

/** What can be done to workers cannot be done to brokers that are not ours. */
function rowOf(fault: FaultSpec): Row {
  const row = FAULT_ABILITIES[fault.kind];
  return row === onProcesses && loadUnder(fault) === null ? onBrokers : row;
}

/** All that a campaign may draw, so that it does not take the right seed to learn what is wrong. */
export const checkCampaigns = (
  campaigns: readonly CampaignSource[],
  provider: Provider,
  why: string | null = null,
): readonly Problem[] =>
  campaigns.flatMap(({ name, from }) =>
    from.flatMap((kind) =>
      refusal(['faults', `${name}-1`], `fault ${kind}`, campaignRow(kind), { provider, why }),
    ),
  );

/** A campaign harms brokers, and cuts them off from everybody, not from clients alone. */
function campaignRow(kind: CampaignKind): Row {
  const row = FAULT_ABILITIES[kind];
  return cutsPeers(kind) || row === onProcesses ? { ...row, external: FOREIGN } : row;
}

type Chosen = { readonly provider: Provider; readonly why: string | null };

function refusal(
  path: Path,
  what: string,
  row: Row,
  { provider, why }: Chosen,
): readonly Problem[] {
  const ability = row[provider];
  if (typeof ability !== 'string') return [];
  const able = PROVIDERS.filter((other) => row[other] === true);
  return [
    {
      path,
      message: `provider ${provider} has no ${what}: ${ability}`,
      hint: `use provider: ${able.join(' or ')}${why === null ? '' : ` (auto took ${provider}: ${why})`}`,
    },
  ];
}

/** A voter that forgets its votes may break the quorum's promises, which no fault of a single disk may do. */
function voterProblems(scenario: Scenario): readonly Problem[] {
  const voters = plannedNodes(scenario).filter((node) => hasRole(node, 'controller'));
  const ids = voters.map(({ id }) => id);
  return scenario.faults.flatMap((fault) => {
    if (fault.kind !== 'replace' || !mayBe(fault.where, ids, scenario)) return [];
    return [
      {
        path: ['faults', fault.name, 'where'],
        message: `\`${fault.whereText}\` may be a voter of the controllers' quorum, whose disk must not be emptied`,
        hint: 'set cluster.controllers: 1 (or 3), so that brokers are brokers only',
      },
    ];
  });
}

/** Whether the place can come to mean one of these nodes. */
function mayBe(where: BrokerWhere, ids: readonly number[], { cluster }: Scenario): boolean {
  if (where.kind === 'broker') return ids.includes(where.id);
  return where.kind === 'controller' || cluster.controllers === 0;
}

export type CapabilityRow = { readonly name: string; readonly cells: readonly string[] };

/** For people: one row for each fault and resource, one cell for each of `PROVIDERS`. */
export const capabilityTable = (): readonly CapabilityRow[] => [
  ...Object.entries(FAULT_ABILITIES).map(([kind, row]) => ({ name: kind, cells: cellsOf(row) })),
  ...RESOURCES.map((row) => ({ name: `cluster.${row.key}`, cells: cellsOf(row) })),
];

const cellsOf = (row: Row): readonly string[] => PROVIDERS.map((provider) => wordOf(row[provider]));

const wordOf = (ability: Ability): string => {
  if (ability === true) return 'yes';
  return typeof ability === 'string' ? 'no' : ability.only;
};

/**
 * A random campaign (`random: { from: […], every: 20s }`) is drawn from the run's seed while the scenario is loaded:
 * what comes out are ordinary faults with places, times and parameters, which stand in the resolved scenario, so the
 * same seed breaks the same things again and an old run is judged by what it really did.
 */
import { createRandom, type Random } from '../lib/random.ts';
import type { Plain } from './yaml/tree.ts';

/** Kinds that a campaign may draw: they need nothing else of the scenario and heal by themselves. */
export const CAMPAIGN_KINDS = [
  'kill',
  'stop',
  'pause',
  'restart',
  'recreate',
  'cpu',
  'disconnect',
  'latency',
  'bandwidth',
  'reset',
  'blackhole',
  'partition',
  'drop',
] as const;
export type CampaignKind = (typeof CAMPAIGN_KINDS)[number];

/** Those that only slow or disturb links of clients take no replica out of sync. */
const ON_CLIENT_LINKS: ReadonlySet<CampaignKind> = new Set([
  'latency',
  'bandwidth',
  'reset',
  'drop',
]);
const ON_PEER_LINKS: ReadonlySet<CampaignKind> = new Set(['blackhole', 'partition']);
/** Over in a moment: they take no `for`. */
const INSTANT: ReadonlySet<CampaignKind> = new Set(['restart', 'recreate']);

export const cutsPeers = (kind: CampaignKind): boolean => ON_PEER_LINKS.has(kind);

export const harmsBrokers = (kind: CampaignKind): boolean => !ON_CLIENT_LINKS.has(kind);

export type Campaign = {
  readonly name: string;
  readonly from: readonly CampaignKind[];
  /** Milliseconds from the start of `measure`, its length, and the length of one slot. */
  readonly atMs: number;
  readonly forMs: number;
  readonly everyMs: number;
  /** How many of the slots stay without a fault, 0 to 1, so that the cluster can recover. */
  readonly quiet: number;
  /** How many brokers may be harmed at once. */
  readonly budget: number;
};

/** Its name, and all that it might have drawn. */
export type CampaignSource = Pick<Campaign, 'name' | 'from'>;

/** What a campaign may aim at. */
export type Grounds = {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: number;
    readonly replicas: number;
  }[];
  readonly groups: readonly string[];
};

type Drawn = Readonly<Record<string, Plain>>;

/** Faults by name, `NAME-1` and so on, in the order of their times and in the file's form. At least one. */
export function drawCampaign(
  campaign: Campaign,
  grounds: Grounds,
  seed: number,
): ReadonlyMap<string, Drawn> {
  const random = createRandom(seed, `campaign ${campaign.name}`);
  const slots = Math.max(1, Math.floor(campaign.forMs / campaign.everyMs));
  const broken = Array.from({ length: slots }, () => random.next() >= campaign.quiet);
  if (!broken.includes(true)) broken[random.below(slots)] = true;
  const faults = broken.flatMap((isBroken, slot) =>
    isBroken ? drawSlot(campaign, grounds, slot, random) : [],
  );
  return new Map(faults.map((fault, i) => [`${campaign.name}-${i + 1}`, fault]));
}

function drawSlot(campaign: Campaign, grounds: Grounds, slot: number, random: Random): Drawn[] {
  const count = 1 + random.below(campaign.budget);
  return Array.from({ length: count }, () => drawFault(campaign, grounds, slot, random));
}

function drawFault(
  { from, atMs, everyMs, budget }: Campaign,
  grounds: Grounds,
  slot: number,
  random: Random,
): Drawn {
  const kind = pick(from, random);
  const at = atMs + slot * everyMs + between(0, 0.15 * everyMs, random);
  const lasting = between(0.25 * everyMs, 0.6 * everyMs, random);
  return {
    [kind]: drawPlace(kind, grounds, random),
    at: `${at}ms`,
    ...(INSTANT.has(kind) ? {} : { for: `${lasting}ms` }),
    ...drawParameters(kind, random),
    budget: String(budget),
  };
}

function drawPlace(kind: CampaignKind, grounds: Grounds, random: Random): string {
  const roles = rolesIn(grounds, random);
  if (ON_CLIENT_LINKS.has(kind)) return `clients -> ${pick(['brokers', ...roles], random)}`;
  if (ON_PEER_LINKS.has(kind)) return `isolate ${pick(roles, random)}`;
  return pick(['any broker', ...roles], random);
}

/** One of each role, so that leaders of many partitions do not crowd the others out. */
function rolesIn({ topics, groups }: Grounds, random: Random): readonly string[] {
  const place = (all: Grounds['topics']): string => {
    const { name, partitions } = pick(all, random);
    return `${name}/${random.below(partitions)}`;
  };
  const replicated = topics.filter(({ replicas }) => replicas > 1);
  return [
    'controller',
    `leader of ${place(topics)}`,
    ...(replicated.length === 0 ? [] : [`follower of ${place(replicated)}`]),
    ...(groups.length === 0 ? [] : [`coordinator of group ${pick(groups, random)}`]),
  ];
}

function drawParameters(kind: CampaignKind, random: Random): Drawn {
  switch (kind) {
    case 'latency': {
      const delay = between(20, 300, random);
      return { delay: `${delay}ms`, jitter: `${Math.round(delay / 5)}ms` };
    }
    case 'bandwidth':
      return { rate: `${between(256, 4096, random)}KiB/s` };
    case 'drop':
      return { probability: `${between(2, 30, random)}%` };
    case 'cpu':
      return { quota: String(between(10, 50, random) / 100) };
    default:
      return {};
  }
}

const between = (low: number, high: number, random: Random): number =>
  Math.round(low + random.next() * (high - low));

function pick<T>(from: readonly T[], random: Random): T {
  const found = from[random.below(from.length)];
  if (found === undefined) throw new Error('nothing to draw from');
  return found;
}

/**
 * Puts the faults that a campaign draws into the scenario's tree, in the campaign's stead. They stand where it stood,
 * so a problem with one of them is shown at the campaign's line.
 */
import { type Campaign, type CampaignSource, drawCampaign, type Grounds } from '../campaign.ts';
import type { SurfaceFault } from '../schema/fault.ts';
import type { Surface } from '../schema/scenario-schema.ts';
import {
  isPlainMap,
  type MapEntry,
  type Origin,
  type Plain,
  scalar,
  type TreeNode,
} from './tree.ts';

/** The same tree when the scenario has no campaign. */
export function drawCampaigns(tree: TreeNode, surface: Surface, seed: number): TreeNode {
  const campaigns = Object.entries(surface.faults).flatMap(([name, fault]) =>
    fault.kind === 'random' ? [toCampaign(name, fault, surface)] : [],
  );
  if (campaigns.length === 0 || tree.kind !== 'map') return tree;
  const section = tree.entries.get('faults');
  if (section?.value.kind !== 'map') return tree;
  const grounds = groundsOf(surface);
  const faults = new Map<string, MapEntry>();
  for (const [name, entry] of section.value.entries) {
    const campaign = campaigns.find((one) => one.name === name);
    if (campaign === undefined) faults.set(name, entry);
    else addDrawn(faults, entry, drawCampaign(campaign, grounds, seed));
  }
  const value: TreeNode = { ...section.value, entries: faults };
  return { ...tree, entries: new Map(tree.entries).set('faults', { ...section, value }) };
}

export const campaignsOf = ({ faults }: Surface): readonly CampaignSource[] =>
  Object.entries(faults).flatMap(([name, fault]) =>
    fault.kind === 'random' ? [{ name, from: fault.where.from }] : [],
  );

type Random = Extract<SurfaceFault, { kind: 'random' }>;

function toCampaign(name: string, fault: Random, { phases }: Surface): Campaign {
  const { from, every, quiet, budget } = fault.where;
  const forMs = fault.for ?? phases.measure - fault.at;
  return { name, from, quiet, budget, atMs: fault.at, forMs, everyMs: every };
}

function groundsOf({ cluster, topics, load }: Surface): Grounds {
  return {
    topics: Object.entries(topics).map(([name, { partitions, replicas }]) => ({
      name,
      partitions,
      replicas: replicas ?? Math.min(3, cluster.brokers),
    })),
    groups: Object.entries(load).flatMap(([name, one]) =>
      one.kind === 'consume' ? [one.group ?? name] : [],
    ),
  };
}

function addDrawn(
  faults: Map<string, MapEntry>,
  { key, value: { origin } }: MapEntry,
  drawn: ReadonlyMap<string, Plain>,
): void {
  for (const [name, fault] of drawn) faults.set(name, { key, value: toTree(fault, origin) });
}

function toTree(plain: Plain, origin: Origin): TreeNode {
  if (!isPlainMap(plain)) return scalar(String(plain), origin);
  const entries = Object.entries(plain).map(([key, value]): [string, MapEntry] => [
    key,
    { key: origin, value: toTree(value, origin) },
  ]);
  return { kind: 'map', origin, entries: new Map(entries) };
}

/** Checks that a campaign has something to draw, and harms no more brokers at once than the configuration tolerates. */

import { harmsBrokers } from '../campaign.ts';
import type { Path } from '../problem.ts';
import { formatDuration } from '../units.ts';
import type { Report } from '../yaml/collect.ts';
import { type Draft, type DraftFault, entriesOf } from '../yaml/draft.ts';

export type DraftCampaign = Extract<DraftFault, { readonly kind?: 'random' | undefined }>;

export const isCampaign = (fault: DraftFault): fault is DraftCampaign => fault.kind === 'random';

export function checkCampaign(
  draft: Draft,
  name: string,
  { at = 0, for: lasting, where }: DraftCampaign,
  report: Report,
): void {
  const path: Path = ['faults', name, 'where'];
  const taken = entriesOf(draft.faults).find(
    ([other]) => other.startsWith(`${name}-`) && /^\d+$/.test(other.slice(name.length + 1)),
  );
  if (taken !== undefined) {
    const message = `\`${taken[0]}\` is what the campaign \`${name}\` calls one of its own faults`;
    report({ path: ['faults', taken[0]], onKey: true, message, hint: 'rename one of them' });
  }
  const { from = [], every, budget } = where ?? {};
  if (where?.from !== undefined && from.length === 0) {
    report({ path: [...path, 'from'], message: 'there is no kind of fault to draw from' });
  }
  const length = lasting ?? (draft.phases?.measure ?? Infinity) - at;
  if (every !== undefined && every > length) {
    report({
      path: [...path, 'every'],
      message: `one slot of ${formatDuration(every)} does not fit into ${formatDuration(length)}`,
      hint: 'make the slots shorter, or the campaign longer',
    });
  }
  const limit = from.some((kind) => kind !== undefined && harmsBrokers(kind))
    ? tolerated(draft)
    : undefined;
  if (limit === undefined || budget === undefined || budget <= limit.brokers) return;
  report({
    path: [...path, 'budget'],
    message: `${budget} harmed at once is more than the configuration tolerates: ${limit.why}`,
    hint: limit.brokers > 0 ? `at most ${limit.brokers}` : 'add brokers, controllers or replicas',
  });
}

type Tolerance = { readonly brokers: number; readonly why: string };

/** How many brokers may be missing while every topic takes writes and the controllers have a majority. */
function tolerated({ cluster = {}, topics }: Draft): Tolerance | undefined {
  const { brokers, controllers = 0, provider, config = {} } = cluster;
  if (brokers === undefined || provider === 'external') return undefined;
  const voters = controllers > 0 ? controllers : Math.min(3, brokers);
  const quorum: Tolerance = {
    brokers: Math.floor((voters - 1) / 2),
    why: `${voters} ${voters === 1 ? 'controller needs' : 'controllers need'} a majority`,
  };
  const ofTopics = entriesOf(topics).map(([name, topic]): Tolerance => {
    const replicas = topic.replicas ?? Math.min(3, brokers);
    const least = Number(
      topic.config?.['min.insync.replicas'] ?? config['min.insync.replicas'] ?? '1',
    );
    const why = `topic \`${name}\` has ${replicas} replicas and min.insync.replicas=${least}`;
    return { brokers: Math.max(0, replicas - least), why };
  });
  return [quorum, ...ofTopics].sort((a, b) => a.brokers - b.brokers)[0];
}

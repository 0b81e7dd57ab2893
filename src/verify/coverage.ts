/**
 * What a run has tried: which kinds of faults hit whom, and which of the events that make a trial of faults worth
 * something really happened. A campaign that never bumped a leader epoch proved little, however green it is.
 */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import type { FaultMeasures } from '../measure/measures.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { topicSetting } from '../scenario/topic-setting.ts';
import { writesTransactions } from '../scenario/written-topics.ts';
import type { History } from './history.ts';
import type { TransactionsByLoad } from './judge-transactions.ts';

export type CoverageCell = {
  readonly kind: string;
  /** Who was hit, without names and numbers: `leader`, `any broker`, `clients -> controller`. */
  readonly role: string;
  /** Whether all was well when it began. */
  readonly phase: 'steady' | 'during another fault';
  readonly injected: number;
  /** Of these, those whose effect was seen. */
  readonly proven: number;
};

/** Events that ought to happen at least once in a campaign. */
export const COVERED_EVENTS = [
  'leader-epoch-bumped',
  'isr-below-minimum',
  'unknown-outcome-present',
  'unknown-outcome-absent',
  'aborted-transaction',
  'rebalance',
] as const;
export type CoveredEvent = (typeof COVERED_EVENTS)[number];

export type Coverage = {
  readonly faults: readonly CoverageCell[];
  /** Faults that were left out because their budget was used up. */
  readonly skipped: number;
  /** How often; of the unknown outcomes how many records. null: nothing in the scenario could bring it about. */
  readonly events: Readonly<Record<CoveredEvent, number | null>>;
};

type Seen = {
  readonly scenario: Scenario;
  readonly evidence: RunEvidence;
  readonly faults: readonly FaultMeasures[];
  readonly history: History;
  readonly transactions: TransactionsByLoad;
};

export function coverageOf({ scenario, evidence, faults, history, transactions }: Seen): Coverage {
  const { events } = evidence;
  const unsure = unknownOutcomes(history);
  return {
    faults: sumCells(
      faults.flatMap((fault) => (fault.injectedAtMs === null ? [] : [cellOf(fault, faults)])),
    ),
    skipped: events.filter(({ type }) => type === 'fault-skipped').length,
    events: {
      'leader-epoch-bumped': epochBumps(events),
      'isr-below-minimum': events.filter((event) => isBelowMinimum(event, scenario)).length,
      'unknown-outcome-present': unsure.present,
      'unknown-outcome-absent': unsure.absent,
      'aborted-transaction': scenario.load.some(writesTransactions)
        ? [...transactions.values()].reduce((sum, { aborted }) => sum + aborted, 0)
        : null,
      rebalance: rebalances(evidence),
    },
  };
}

/** Of several runs together. */
export function mergeCoverage(all: readonly Coverage[]): Coverage {
  const sum = (pick: (one: Coverage) => number): number =>
    all.reduce((total, one) => total + pick(one), 0);
  return {
    faults: sumCells(all.flatMap(({ faults }) => faults)),
    skipped: sum(({ skipped }) => skipped),
    events: Object.fromEntries(
      COVERED_EVENTS.map((name) => [name, sumKnown(all.map(({ events }) => events[name] ?? null))]),
    ) as Record<CoveredEvent, number>,
  };
}

/** null where no run could have had any; runs of earlier versions have no number of some. */
function sumKnown(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
}

function cellOf(fault: FaultMeasures, faults: readonly FaultMeasures[]): CoverageCell {
  const at = fault.injectedAtMs ?? 0;
  const disturbed = faults.some(
    ({ name, injectedAtMs, healedAtMs }) =>
      name !== fault.name &&
      injectedAtMs !== null &&
      injectedAtMs <= at &&
      at < (healedAtMs ?? Infinity),
  );
  return {
    kind: fault.kind,
    role: roleOf(fault.where),
    phase: disturbed ? 'during another fault' : 'steady',
    injected: 1,
    proven: fault.effect.proven ? 1 : 0,
  };
}

/** The places of a `where` lose what tells one partition, group or broker from another. */
const roleOf = (where: string): string =>
  where
    .replace(/ of (group|transaction) [^\s,]+/g, ' of $1')
    .replace(/ of [^\s,/]+\/\d+/g, '')
    .replace(/\b(broker|controller) \d+/g, '$1')
    .replace(/\bload [^\s,]+( worker \d+)?/g, 'load');

function sumCells(cells: readonly CoverageCell[]): readonly CoverageCell[] {
  const sums = new Map<string, CoverageCell>();
  for (const cell of cells) {
    const key = [cell.kind, cell.role, cell.phase].join('\n');
    const { injected = 0, proven = 0 } = sums.get(key) ?? {};
    sums.set(key, { ...cell, injected: injected + cell.injected, proven: proven + cell.proven });
  }
  const text = ({ kind, role, phase }: CoverageCell): string => `${kind} ${role} ${phase}`;
  return [...sums.values()].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

function epochBumps(events: readonly RunEvent[]): number {
  const known = new Map<string, number>();
  let bumps = 0;
  for (const event of events) {
    if (event.type !== 'leadership') continue;
    const place = `${event.topic}/${event.partition}`;
    if (event.epoch > (known.get(place) ?? Infinity)) bumps++;
    known.set(place, event.epoch);
  }
  return bumps;
}

function isBelowMinimum(event: RunEvent, scenario: Scenario): boolean {
  if (event.type !== 'leadership') return false;
  const least = Number(topicSetting(scenario, event.topic, 'min.insync.replicas') ?? '1');
  return event.isr.length < least;
}

/** Records that nobody knew the fate of until the audit: what never got an answer, and what was called unknown. */
function unknownOutcomes({ streams, index: audited }: History): {
  present: number;
  absent: number;
} {
  let present = 0;
  let absent = 0;
  for (const { index, sent, answered, unsure } of streams) {
    if (!audited.places[index.place]?.audit?.complete) continue;
    const count = (from: number, to: number): void => {
      const found = index.read.countWithin(from, to);
      present += found;
      absent += to - from - found;
    };
    unsure.each(0, sent, count);
    answered.split(0, sent, () => {}, count);
  }
  return { present, absent };
}

/** How often a group's members lost partitions while traffic was offered. */
function rebalances({ events, schedule }: RunEvidence): number {
  if (schedule === null) return 0;
  const measured = (event: EventOf<'assignment'>): boolean => {
    const at = sinceMeasureMs(schedule, event.t);
    return at !== null && event.t < schedule.endUs;
  };
  return events.filter(
    (event) => event.type === 'assignment' && event.change === 'revoked' && measured(event),
  ).length;
}

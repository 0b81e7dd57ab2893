/**
 * The history of a run, counted: one pass over the audit's ledger, one over the workers'. Every guarantee looks at
 * each entry as it goes by; nothing is held but intervals, so ten million records fit in a few megabytes as long
 * as they stand in the log about as they were sent.
 */
import { type RawEntry, readLedger } from '../evidence/ledger.ts';
import type { RunEvidence, WorkerLedger } from '../evidence/read-run.ts';
import type { LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { findLosses } from './acknowledged-loss.ts';
import { type AuditIndex, indexAudit, type StreamIndex } from './audit-index.ts';
import { findDamage } from './damage.ts';
import { findDuplicates } from './duplicates.ts';
import { Findings } from './findings.ts';
import { Forgotten } from './forgotten.ts';
import { GroupPlace } from './group-delivery.ts';
import { findInconsistentOffsets } from './inconsistent-offsets.ts';
import { IntervalSet } from './interval-set.ts';
import { findLateRuns, judgeLateRun, type LateRun } from './order.ts';
import { findMisplaced, findNeverSent, findRefusedButWritten } from './phantoms.ts';
import { acksOf, isCompacted, isIdempotent } from './promises.ts';

/** What became of one stream's records. */
export type StreamTally = {
  readonly index: StreamIndex;
  readonly load: ProduceLoad;
  /** One past the last sequence that was meant to be sent. */
  sent: number;
  acknowledged: number;
  failed: number;
  lost: number;
  /** Acknowledged records whose place the audit did not reach. */
  unreached: number;
  /** Sequences with any answer. */
  readonly answered: IntervalSet;
  /** Sequences whose answer was `unknown`. */
  readonly unsure: IntervalSet;
};

export type GroupTally = {
  readonly group: string;
  readonly load: string;
  readonly topic: string;
  /** By place. */
  readonly places: Map<number, GroupPlace>;
};

export type History = {
  readonly index: AuditIndex;
  readonly streams: readonly StreamTally[];
  readonly groups: readonly GroupTally[];
  readonly findings: Findings;
  readonly forgotten: Forgotten;
  /** Sends by workers that lived to the end, which nobody answered. */
  readonly unanswered: number;
};

/** `died`: names of the loads that lost a worker, whose ledgers may lack their last moments. */
export function readHistory(
  scenario: Scenario,
  evidence: RunEvidence,
  died: ReadonlySet<string>,
): History {
  const findings = new Findings();
  const found = { findings, forgotten: new Forgotten(evidence.events) };
  const late: LateRun[] = [];
  const index = indexAudit(evidence, {
    onRead: (stream, entry) => {
      findDuplicates(stream, entry, findings);
      findLateRuns(stream, entry, (run) => late.push(run));
    },
    onDamaged: (place, entry) => findDamage(place, entry, findings),
    onMisplaced: (place, stream, entry) => findMisplaced(place, stream, entry, findings),
  });
  const streams = index.streams.map((stream) => newTally(scenario, stream));
  const groups = newGroups(scenario);
  for (const ledger of evidence.ledgers) {
    visitLedger(ledger, streams, groups, (tally, entry) =>
      tallyEntry(scenario, index, tally, entry, found),
    );
  }
  if (!index.overflow) judgeOrder(late, streams, findings);
  let unanswered = 0;
  for (const tally of streams) {
    if (died.has(tally.load.name)) continue;
    findNeverSent(tally.index, tally.sent, findings);
    unanswered += tally.sent - tally.answered.countWithin(0, tally.sent);
  }
  return { index, streams, groups, ...found, unanswered };
}

function newTally(scenario: Scenario, index: StreamIndex): StreamTally {
  const load = scenario.load.find((one) => one.name === index.load);
  if (load?.kind !== 'produce') {
    throw new Error(`stream ${index.number} belongs to ${index.load}, which is no produce load`);
  }
  return {
    index,
    load,
    sent: 0,
    acknowledged: 0,
    failed: 0,
    lost: 0,
    unreached: 0,
    answered: new IntervalSet(),
    unsure: new IntervalSet(),
  };
}

const isConsume = (load: LoadSpec) => load.kind === 'consume';

function newGroups(scenario: Scenario): GroupTally[] {
  return scenario.load
    .filter(isConsume)
    .map(({ group, name, topic }) => ({ group, load: name, topic, places: new Map() }));
}

function visitLedger(
  ledger: WorkerLedger,
  streams: readonly StreamTally[],
  groups: readonly GroupTally[],
  visit: (tally: StreamTally, entry: RawEntry) => void,
): void {
  const group = groups.find(({ load }) => load === ledger.load);
  readLedger(ledger.path, (entry) => {
    if (entry.kind === 'intent' || entry.kind === 'outcome') {
      const tally = streams[entry.stream];
      if (tally === undefined) {
        throw new Error(`${ledger.path} names stream ${entry.stream}, which the run does not have`);
      }
      visit(tally, entry);
    } else if (group !== undefined) {
      const state = group.places.get(entry.place) ?? new GroupPlace();
      group.places.set(entry.place, state);
      state.add(entry);
    }
  });
}

function tallyEntry(
  scenario: Scenario,
  index: AuditIndex,
  tally: StreamTally,
  entry: RawEntry,
  found: Pick<History, 'findings' | 'forgotten'>,
): void {
  const { first, count } = entry;
  tally.sent = Math.max(tally.sent, first + count);
  if (entry.kind === 'intent') return;
  tally.answered.add(first, first + count);
  // With acks=0 nobody acknowledged anything, whatever the client calls it.
  const unsure = entry.outcome === 'unknown' || acksOf(tally.load) === '0';
  if (unsure) tally.unsure.add(first, first + count);
  else if (entry.outcome === 'failed') {
    tally.failed += count;
    findRefusedButWritten(tally.index, entry, found.findings);
  } else {
    tally.acknowledged += count;
    if (index.overflow) return;
    const { topic, place } = tally.index;
    const audit = index.places[place]?.audit ?? null;
    const absence = findLosses(tally.index, audit, isCompacted(scenario, topic), entry, found);
    tally.lost += absence.lost;
    tally.unreached += absence.unreached;
    findInconsistentOffsets(tally.index, entry, found);
  }
}

function judgeOrder(
  late: readonly LateRun[],
  streams: readonly StreamTally[],
  findings: Findings,
): void {
  for (const run of late) {
    const tally = streams[run.stream.number];
    if (tally === undefined) continue;
    const length = run.to - run.from;
    const known = tally.answered.countWithin(run.from, run.to);
    const certain = Math.min(length, known - tally.unsure.countWithin(run.from, run.to));
    judgeLateRun(run, certain, isIdempotent(tally.load), findings);
  }
}

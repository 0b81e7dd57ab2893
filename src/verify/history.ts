/**
 * The history of a run, counted: one pass over the audit's ledger, one over all the workers' by time. Every guarantee looks at
 * each entry as it goes by; nothing is held but intervals, so ten million records fit in a few megabytes as long
 * as they stand in the log about as they were sent.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import { type AuditIndex, indexAudit, type StreamIndex } from './audit-index.ts';
import { Changes, WHOLE_RUN } from './changes.ts';
import { CompactedKeys } from './compaction-loss.ts';
import { findDamage } from './damage.ts';
import { Disturbances } from './disturbances.ts';
import { findDuplicates } from './duplicates.ts';
import { Findings, type RawExample } from './findings.ts';
import { Forgotten } from './forgotten.ts';
import type { GroupPlace } from './group-delivery.ts';
import { GroupPositions } from './group-positions.ts';
import { IntervalSet } from './interval-set.ts';
import { type Found, judgeAcknowledged } from './judge-acknowledged.ts';
import { LeaderEpochs } from './leader-epoch-back.ts';
import { findLateRuns, judgeLateRun, type LateRun } from './order.ts';
import { findNeverSent, findOfNobody, findRefusedButWritten } from './phantoms.ts';
import {
  acksOf,
  isCompacted,
  isIdempotent,
  mayArriveLate,
  noSkips,
  readsCommitted,
} from './promises.ts';
import { Retention } from './retention.ts';
import { Sendings } from './sendings.ts';
import { Progress, quietEnd } from './stuck-partition.ts';
import { findGaps } from './unexplained-gap.ts';
import { type GroupListener, visitLedgers } from './visit-ledgers.ts';
import { findWrongPartition } from './wrong-partition.ts';

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
  /** Something was sent in a transaction: what is lost of that is judged with its transaction. */
  transactional: boolean;
  /** Sequences with any answer. */
  readonly answered: IntervalSet;
  /** Sequences whose answer was `unknown`. */
  readonly unsure: IntervalSet;
  readonly sendings: Sendings;
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
  readonly changes: Changes;
  /** Compacted topics with more keys or records than can be followed. */
  readonly unfollowed: ReadonlySet<string>;
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
  const forgotten = new Forgotten(evidence.events);
  const changes = new Changes(scenario, evidence.events);
  const late: LateRun[] = [];
  const epochs = new LeaderEpochs();
  const index = indexAudit(evidence, {
    onRead: (stream, entry) => {
      findDuplicates(stream, entry, findings);
      findLateRuns(stream, entry, (run) => late.push(run));
    },
    onDamaged: (place, entry) => findDamage(place, entry, findings),
    onAny: (place, entry) => epochs.look(place, entry, findings),
    onMisplaced: (place, stream, entry) => {
      if (stream === undefined) findOfNobody(place, entry, findings);
      else findWrongPartition(place, stream, entry, findings);
    },
  });
  const streams = index.streams.map((stream) => newTally(scenario, stream));
  const groups = newGroups(scenario);
  const told = index.places.map(() => new AcknowledgedOffsets());
  const retention = new Retention(scenario, evidence.samples, changes);
  const progress = new Map(scenario.load.map(({ name }) => [name, new Progress()]));
  const compacted = (topic: string) => isCompacted(changes.inForce(topic, WHOLE_RUN), topic);
  const keys = new CompactedKeys(scenario, evidence, { compacted, died });
  const found = { findings, forgotten, changes, retention, keys, told };
  const undated = findings.undated();
  const onStep = groupFollower(scenario, evidence, index, { groups, changes, findings });
  visitLedgers(evidence.ledgers, streams, { groups, onStep }, (tally, entry) => {
    if (entry.kind === 'intent') dateExamples(undated.get(tally.index.number), entry);
    if (acksOf(tally.load) !== '0') progress.get(tally.load.name)?.look(tally.index, entry);
    tallyEntry(index, tally, entry, found);
  });
  const stuck = stuckPlaces(evidence, progress, died, findings);
  if (!index.overflow) {
    judgeOrder(late, index, streams, findings);
    judgeGaps(index, groups, found);
    keys.judge(index.places, index.streams, (topic) => ({
      findings: findings.under(changes.inForce(topic, WHOLE_RUN)),
      forgotten,
    }));
  }
  let unanswered = 0;
  for (const tally of streams) {
    if (died.has(tally.load.name)) continue;
    findNeverSent(tally.index, tally.sent, findings);
    // Where a partition stands still that is the reason.
    if (stuck.has(tally.index.place)) continue;
    unanswered += tally.sent - tally.answered.countWithin(0, tally.sent);
  }
  return {
    index,
    streams,
    groups,
    findings,
    forgotten,
    changes,
    unfollowed: keys.tooMany,
    unanswered,
  };
}

function groupFollower(
  scenario: Scenario,
  { events }: RunEvidence,
  { places }: AuditIndex,
  { groups, changes, findings }: Pick<History, 'groups' | 'changes' | 'findings'>,
): GroupListener['onStep'] {
  const disturbances = new Disturbances(events);
  const positions = new Map(
    groups.map((group) => {
      const spec = scenario.load.find(({ name }) => name === group.load);
      const rules = { fromEarliest: noSkips(spec).holds, committedOnly: readsCommitted(spec) };
      const mine = { findings: changes.aboutGroups(group.topic, findings) };
      return [group, new GroupPositions({ ...group, ...rules, ...mine }, disturbances)];
    }),
  );
  return (group, state, entry) => {
    const place = places[entry.place];
    if (place !== undefined) positions.get(group)?.look(place, state, entry);
  };
}

/** Places on which a load stands still, by number. */
function stuckPlaces(
  { events, schedule }: RunEvidence,
  progress: ReadonlyMap<string, Progress>,
  died: ReadonlySet<string>,
  findings: Findings,
): ReadonlySet<number> {
  const times = quietEnd(events, schedule?.measureUs ?? 0);
  if (times === null) return new Set();
  const alive = [...progress].filter(([load]) => !died.has(load));
  return new Set(alive.flatMap(([, one]) => one.judge(times, findings)));
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
    transactional: false,
    answered: new IntervalSet(),
    unsure: new IntervalSet(),
    sendings: new Sendings(),
  };
}

const isConsume = (load: LoadSpec) => load.kind === 'consume';

function newGroups(scenario: Scenario): GroupTally[] {
  return scenario.load
    .filter(isConsume)
    .map(({ group, name, topic }) => ({ group, load: name, topic, places: new Map() }));
}

/** Examples of which nothing else is known happened when their record was sent. */
function dateExamples(
  examples: readonly RawExample[] | undefined,
  { first, count, timeUs }: RawEntry,
): void {
  for (const example of examples ?? []) {
    const sequence = example.sequence ?? -1;
    if (sequence >= first && sequence < first + count) example.timeUs ??= timeUs;
  }
}

function tallyEntry(index: AuditIndex, tally: StreamTally, entry: RawEntry, found: Found): void {
  const { first, count } = entry;
  const told = found.told[tally.index.place] as AcknowledgedOffsets;
  tally.sent = Math.max(tally.sent, first + count);
  if (entry.transaction >= 0) tally.transactional = true;
  if (entry.kind === 'intent') {
    tally.sendings.begin(entry, told.highestBefore(entry.timeUs));
    return;
  }
  const sending = tally.sendings.answer(entry);
  tally.answered.add(first, first + count);
  // With acks=0 nobody acknowledged anything, whatever the client calls it.
  const unsure = entry.outcome === 'unknown' || acksOf(tally.load) === '0';
  if (unsure) tally.unsure.add(first, first + count);
  else if (entry.outcome === 'failed') {
    tally.failed += count;
    findRefusedButWritten(tally.index, entry, found.findings);
  } else {
    tally.acknowledged += count;
    if (!index.overflow) judgeAcknowledged(index, tally, { entry, sending, told }, found);
  }
}

/** What was acknowledged at an empty offset is lost, and what a group was handed there as well: not only a gap. */
function judgeGaps(
  { places }: AuditIndex,
  groups: readonly GroupTally[],
  { findings, changes, told }: Found,
): void {
  places.forEach((place, number) => {
    if (isCompacted(changes.inForce(place.topic, WHOLE_RUN), place.topic)) return;
    const handed = groups.flatMap((group) => group.places.get(number)?.delivered ?? []);
    const acknowledged = (told[number] as AcknowledgedOffsets).taken;
    findGaps(place, [acknowledged, ...handed], findings);
  });
}

const BEHIND_THE_START =
  'the log lost its beginning, where its first copy may have stood before them';

function judgeOrder(
  late: readonly LateRun[],
  { places }: AuditIndex,
  streams: readonly StreamTally[],
  findings: Findings,
): void {
  for (const run of late) {
    const tally = streams[run.stream.number];
    if (tally === undefined) continue;
    const length = run.to - run.from;
    const known = tally.answered.countWithin(run.from, run.to);
    const sure = Math.min(length, known - tally.unsure.countWithin(run.from, run.to));
    const certain = mayArriveLate(tally.load) ? sure : length;
    const audit = places[run.stream.place]?.audit ?? null;
    const shortened = audit !== null && audit.logStart > audit.from;
    const second = run.below && shortened && !isIdempotent(tally.load);
    judgeLateRun(run, certain, second ? BEHIND_THE_START : null, findings);
  }
}

/**
 * The history of a run, counted: one pass over the audit's ledger, one over all the workers' by time. Every guarantee looks at
 * each entry as it goes by; nothing is held but intervals and digests, so a hundred million records fit in a few hundred
 * kilobytes as long as they stand in the log about as they were sent. What that leaves in doubt is read a second time.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { LoadSpec, ProduceLoad, Scenario } from '../scenario/scenario.ts';
import { AcknowledgedOffsets } from './acknowledged-offsets.ts';
import {
  type AuditIndex,
  blindIndex,
  type Holding,
  indexAudit,
  type StreamIndex,
} from './audit-index.ts';
import { Changes, WHOLE_RUN } from './changes.ts';
import { CheckerMemory, DEFAULT_LIMIT_BYTES } from './checker-memory.ts';
import { CompactedKeys } from './compaction-loss.ts';
import { findDamage } from './damage.ts';
import { findDuplicates } from './duplicates.ts';
import { ExactBlocks } from './exact-blocks.ts';
import { Findings } from './findings.ts';
import { Forgotten } from './forgotten.ts';
import type { GroupPlace } from './group-delivery.ts';
import { groupFollower } from './group-follower.ts';
import { IntervalSet } from './interval-set.ts';
import { judgeGaps, judgeOrder } from './judge-log.ts';
import { LeaderEpochs } from './leader-epoch-back.ts';
import { findLateRuns, type LateRun } from './order.ts';
import { findNeverSent, findOfNobody } from './phantoms.ts';
import { acksOf, isCompacted } from './promises.ts';
import { quietEnd } from './quiet.ts';
import { RelayOutputs } from './relay-outputs.ts';
import { Retention } from './retention.ts';
import { Sendings } from './sendings.ts';
import { Progress } from './stuck-partition.ts';
import { countEntry, tallyEntry } from './tally-entry.ts';
import { visitLedgers } from './visit-ledgers.ts';
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
  /** Sequences that were refused and are in the log all the same. */
  readonly refusedButWritten: IntervalSet;
  readonly sendings: Sendings;
};

export type GroupTally = {
  readonly group: string;
  readonly load: string;
  readonly topic: string;
  /** By place. */
  readonly places: Map<number, GroupPlace>;
  readonly bytes: number;
};

export type History = {
  readonly index: AuditIndex;
  readonly streams: readonly StreamTally[];
  readonly groups: readonly GroupTally[];
  readonly relays: RelayOutputs;
  readonly findings: Findings;
  readonly forgotten: Forgotten;
  readonly changes: Changes;
  /** Judged when it is known what was committed. */
  readonly keys: CompactedKeys;
  /** Sends that nobody answered, of loads without a dead worker. */
  readonly unanswered: number;
  /** It could not be told in the memory there was whether all that was acknowledged stands where it was said. */
  readonly undecided: boolean;
  readonly memory: { readonly peakBytes: number; readonly limitBytes: number };
};

/**
 * `died`: names of the loads that lost a worker, whose ledgers may lack their last moments. Holds `limitBytes` of the
 * history at most: one that needs more is blind (`index.overflow`), or undecided.
 */
export function readHistory(
  scenario: Scenario,
  evidence: RunEvidence,
  died: ReadonlySet<string>,
  limitBytes = DEFAULT_LIMIT_BYTES,
): History {
  const changes = new Changes(scenario, evidence.events);
  const exact = new ExactBlocks(heldEverywhere(scenario, evidence, changes));
  let before: History | null = null;
  for (;;) {
    const holding = { memory: new CheckerMemory(limitBytes), exact };
    const history = readOnce(scenario, evidence, died, changes, holding);
    if (history.index.overflow) {
      return before === null ? history : { ...before, undecided: true, memory: holding.memory };
    }
    const doubts = history.streams.filter(({ index, transactional }) =>
      exact.add({ number: index.number, transactional, doubtful: index.runs.doubtful() }),
    );
    if (doubts.length === 0) return history;
    before = history;
  }
}

/** Streams of which it will be asked where every record stands. */
const heldEverywhere = (
  { load }: Scenario,
  { streams: { streams } }: RunEvidence,
  changes: Changes,
): readonly number[] =>
  streams.flatMap(({ load: name, topic }, number) => {
    const transactional = load.some((one) => one.name === name && isTransactional(one));
    return transactional || isCompacted(changes.inForce(topic, WHOLE_RUN), topic) ? [number] : [];
  });

const isTransactional = (load: LoadSpec): boolean =>
  load.kind === 'produce' && load.transaction !== undefined;

function readOnce(
  scenario: Scenario,
  evidence: RunEvidence,
  died: ReadonlySet<string>,
  changes: Changes,
  holding: Holding,
): History {
  const findings = new Findings();
  const forgotten = new Forgotten(evidence.events);
  const { memory } = holding;
  const relays = new RelayOutputs(scenario, findings);
  const { late, ...audited } = readAudit(evidence, holding, findings, relays);
  const streams = audited.index.streams.map((stream) => newTally(scenario, stream));
  const groups = newGroups(scenario);
  const told = audited.index.places.map(() => new AcknowledgedOffsets());
  const retention = new Retention(scenario, evidence, changes);
  const progress = new Map(scenario.load.map(({ name }) => [name, new Progress()]));
  const compacted = (topic: string) => isCompacted(changes.inForce(topic, WHOLE_RUN), topic);
  const keys = new CompactedKeys(scenario, evidence, { compacted, died });
  const found = { findings, forgotten, changes, retention, keys, told };
  const onStep = groupFollower(scenario, evidence, audited.index, { groups, changes, findings });
  memory.watch([...told, keys]);
  for (const { answered, unsure, refusedButWritten, sendings } of streams)
    memory.watch([answered, unsure, refusedButWritten, sendings]);
  memory.watch(groups);
  visitLedgers(evidence.ledgers, streams, { groups, memory, onStep }, (tally, entry) => {
    if (entry.kind === 'intent') keys.given(tally.index, entry);
    if (acksOf(tally.load) !== '0') progress.get(tally.load.name)?.look(tally.index, entry);
    countEntry(tally, entry);
    if (!memory.exceeded) tallyEntry(audited.index, tally, entry, found);
  });
  memory.look();
  const index = memory.exceeded ? blindIndex(evidence, holding.exact) : audited.index;
  const stuck = index.overflow
    ? new Set<number>()
    : stuckPlaces(evidence, progress, died, findings);
  const givenUp = new Set([...died, ...killedLoads(evidence.events)]);
  if (!index.overflow) {
    judgeOrder(late, index, streams, findings);
    judgeGaps(index, groups, found);
    findUnsent(streams, died, findings);
  }
  return {
    index,
    streams,
    groups,
    relays,
    findings,
    forgotten,
    changes,
    keys,
    unanswered: index.overflow ? 0 : countUnanswered(streams, givenUp, stuck),
    undecided: false,
    memory,
  };
}

/** The audit's ledger, and the guarantees about the log alone. */
function readAudit(
  evidence: RunEvidence,
  holding: Holding,
  findings: Findings,
  relays: RelayOutputs,
) {
  const late: LateRun[] = [];
  holding.memory.watch([
    {
      get bytes() {
        return late.length * LATE_RUN_BYTES;
      },
    },
  ]);
  const epochs = new LeaderEpochs();
  const index = indexAudit(evidence, holding, {
    onRead: (stream, entry) => {
      findDuplicates(stream, entry, findings);
      findLateRuns(stream, entry, (run) => late.push(run));
    },
    onRelayed: (stream, place, entry) => relays.look(stream, place, entry),
    onDamaged: (place, entry) => findDamage(place, entry, findings),
    onAny: (place, entry) => epochs.look(place, entry, findings),
    onMisplaced: (place, stream, entry) => {
      if (stream === undefined) findOfNobody(place, entry, findings);
      else findWrongPartition(place, stream, entry, findings);
    },
  });
  return { index, late };
}

function findUnsent(
  streams: readonly StreamTally[],
  died: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const { load, index, sent } of streams) {
    if (!died.has(load.name)) findNeverSent(index, sent, findings);
  }
}

/** Where a partition stands still that is the reason, and nobody waited for the answers to what a killed worker had sent. */
function countUnanswered(
  streams: readonly StreamTally[],
  givenUp: ReadonlySet<string>,
  stuck: ReadonlySet<number>,
): number {
  return streams
    .filter(({ load, index }) => !givenUp.has(load.name) && !stuck.has(index.place))
    .reduce((sum, { sent, answered }) => sum + sent - answered.countWithin(0, sent), 0);
}

/** Places on which a load stands still, by number. */
function stuckPlaces(
  evidence: RunEvidence,
  progress: ReadonlyMap<string, Progress>,
  died: ReadonlySet<string>,
  findings: Findings,
): ReadonlySet<number> {
  const times = quietEnd(evidence);
  if (times === null) return new Set();
  const alive = [...progress].filter(([load]) => !died.has(load));
  return new Set(alive.flatMap(([, one]) => one.judge(times, findings)));
}

const killedLoads = (events: readonly RunEvent[]): ReadonlySet<string> =>
  new Set(
    events.flatMap((event) =>
      event.type === 'worker-exited' && event.expected && event.code !== 0 ? [event.load] : [],
    ),
  );

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
    refusedButWritten: new IntervalSet(),
    sendings: new Sendings(),
  };
}

/** An object of six fields, and its place in the list. */
const LATE_RUN_BYTES = 80;

const isConsume = (load: LoadSpec) => load.kind === 'consume';

function newGroups(scenario: Scenario): GroupTally[] {
  return scenario.load.filter(isConsume).map(({ group, name, topic }) => {
    const places = new Map<number, GroupPlace>();
    return {
      ...{ group, load: name, topic, places },
      get bytes() {
        return [...places.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      },
    };
  });
}

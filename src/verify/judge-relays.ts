/**
 * End to end, from the input's records to the output's: each has been worked off once.
 *
 * Relay loss: a record that the relay's group has left behind, and that lacks an output. A failure where the output's
 * log keeps what was acknowledged. It is only looked for where the group came to the end of its topic, and where all of
 * the output was read. Relay phantom: an output of a record that was never sent, or whose transaction was aborted and
 * that a group at read_committed is never handed.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { AuditIndex, PlaceIndex, RelayedIndex, StreamIndex } from './audit-index.ts';
import { WHOLE_RUN } from './changes.ts';
import type { Findings } from './findings.ts';
import type { History } from './history.ts';
import type { JudgedGroup } from './judge-groups.ts';
import { isCompacted, readsCommitted } from './promises.ts';
import { isRelay, type RelayLoad, seenBy } from './relay-outputs.ts';
import type { RelayCounts } from './result.ts';

export type JudgedRelay = RelayCounts & {
  /** Why it was not looked for losses, where no gate tells it already; else null. */
  readonly unjudged: string | null;
};

/** By load; only relays. */
export type RelaysByLoad = ReadonlyMap<string, JudgedRelay>;

export function judgeRelays(
  scenario: Scenario,
  history: History,
  groups: readonly JudgedGroup[],
): RelaysByLoad {
  return new Map(
    scenario.load.filter(isRelay).map((load) => {
      const group = groups.find((one) => one.load === load.name);
      return [load.name, judgeRelay(load, group, history)];
    }),
  );
}

const NOT_KNOWN = { outputs: null, lost: null, duplicated: null, imbalance: null, unjudged: null };

function judgeRelay(
  load: RelayLoad,
  group: JudgedGroup | undefined,
  history: History,
): JudgedRelay {
  const { index, relays, changes } = history;
  const { to, makes } = load.relay;
  const mine = index.relayed.filter((one) => one.load === load.name);
  const inputs = mine
    .filter(({ leg }) => leg === 0)
    .reduce((sum, one) => sum + inputsOf(one, load, index).size, 0);
  const outputs = index.places.filter(({ topic }) => topic === to);
  if (index.overflow || outputs.some((place) => !isWhole(place, load))) {
    return { inputs, ...NOT_KNOWN };
  }
  const under = changes.inForce(to, WHOLE_RUN);
  const findings = history.findings.under(under);
  for (const one of mine) findPhantoms(one, load, history, findings);
  const { records, again, balance } = relays.of(load.name);
  const known = { inputs, outputs: records, duplicated: again };
  // What left the log by itself is not missed, and the balance lacks it.
  const cut = isCompacted(under, to) || outputs.some(losesItsBeginning);
  const unjudged = cut ? `topic ${to} does not keep all that was written to it` : whyBehind(group);
  if (unjudged !== null) return { ...known, lost: null, imbalance: null, unjudged };
  const lost = mine.reduce((sum, one) => sum + findMissing(one, load, index, findings), 0);
  return { ...known, lost, imbalance: makes === 'transfer' ? balance : null, unjudged };
}

/** What it has not worked off yet is not missing. */
function whyBehind(group: JudgedGroup | undefined): string | null {
  const lag = group?.counts.lagAtEnd ?? null;
  if (lag === 0) return null;
  if (lag === null) return 'it is not known how far its group has come';
  return `its group had committed all but the last ${lag} records when the drain ended`;
}

const isWhole = ({ audit, committedAudit }: PlaceIndex, { relay }: RelayLoad): boolean =>
  audit?.complete === true && (!relay.transactional || committedAudit?.complete === true);

const losesItsBeginning = ({ audit }: PlaceIndex): boolean =>
  audit !== null && audit.logStart > audit.from;

const sourceOf = ({ streams }: AuditIndex, { source }: RelayedIndex): StreamIndex => {
  const stream = streams[source];
  if (stream === undefined) throw new Error(`a relay's stream has no input stream ${source}`);
  return stream;
};

/** Sequences of the records that the relay is handed. */
function inputsOf(relayed: RelayedIndex, load: RelayLoad, index: AuditIndex) {
  const { read, committed, place } = sourceOf(index, relayed);
  const hidden = readsCommitted(load) && index.places[place]?.committedAudit !== null;
  return hidden ? committed : read;
}

function findMissing(
  relayed: RelayedIndex,
  load: RelayLoad,
  index: AuditIndex,
  findings: Findings,
): number {
  const seen = seenBy(relayed, load);
  const inputs = inputsOf(relayed, load, index);
  const source = sourceOf(index, relayed);
  let lost = 0;
  const missing = (from: number, to: number): void => {
    lost += to - from;
    const finding = {
      kind: 'relay-loss',
      load: load.name,
      topic: load.relay.to,
      excuse: null,
    } as const;
    findings.add(finding, to - from, () => ({
      ...{ topic: source.topic, partition: source.partition, sequence: from, timeUs: null },
      ...{ offset: null, stream: relayed.source },
      producer: `${source.load} #${source.producer}`,
      note: `output ${relayed.leg + 1} of ${to - from === 1 ? 'the record' : `${to - from} records from here on`} is missing in ${load.relay.to}`,
    }));
  };
  inputs.each(inputs.first ?? 0, inputs.end, (from, to) => seen.split(from, to, () => {}, missing));
  return lost;
}

function findPhantoms(
  relayed: RelayedIndex,
  load: RelayLoad,
  { index, streams }: History,
  findings: Findings,
): void {
  const seen = seenBy(relayed, load);
  const inputs = inputsOf(relayed, load, index);
  const source = sourceOf(index, relayed);
  const sent = streams[relayed.source]?.sent ?? 0;
  const invented = (from: number, to: number, why: string): void => {
    const finding = {
      kind: 'relay-phantom',
      load: load.name,
      topic: load.relay.to,
      excuse: null,
    } as const;
    findings.add(finding, to - from, () => ({
      ...{ topic: load.relay.to, partition: source.partition, sequence: from, timeUs: null },
      ...{ offset: null, stream: relayed.source },
      producer: `${source.load} #${source.producer}`,
      note: `output ${relayed.leg + 1}: its input ${why}`,
    }));
  };
  if (seen.end > sent) {
    seen.each(sent, seen.end, (from, to) => invented(from, to, 'was never sent'));
  }
  if (inputs !== source.committed) return;
  // In the log, and in no transaction that was committed.
  source.read.each(source.read.first ?? 0, Math.min(source.read.end, sent), (from, to) =>
    inputs.split(
      from,
      to,
      () => {},
      (a, b) => seen.each(a, b, (c, d) => invented(c, d, 'was in a transaction that was aborted')),
    ),
  );
}

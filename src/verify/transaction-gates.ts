/** Gates of runs with transactions: checks that had nothing to look at, or not all of it. */
import type { EventOf } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PlaceIndex } from './audit-index.ts';
import type { History } from './history.ts';
import type { TransactionsByLoad } from './judge-transactions.ts';
import { isRelay } from './relay-outputs.ts';
import type { Reason, ReasonCode } from './result.ts';

export type TransactionGateInput = {
  readonly scenario: Scenario;
  readonly evidence: RunEvidence;
  readonly history: History;
  readonly transactions: TransactionsByLoad;
  /** Partitions with an open transaction of which it is not known whether it hangs. */
  readonly unsettled: readonly EventOf<'unsettled-transaction'>[];
};

export function transactionGates(input: TransactionGateInput): Reason[] {
  return [
    ...nothingCommitted(input),
    ...nothingAborted(input),
    ...stillOpen(input),
    ...unread(input),
  ];
}

const reason = (code: ReasonCode, message: string): Reason => ({ code, message, at: null });

/** That nothing of a load is seen at read_committed says nothing when nothing was committed. */
function nothingCommitted({ transactions }: TransactionGateInput): Reason[] {
  return [...transactions].flatMap(([load, { committed, unknownSeen }]) =>
    committed + unknownSeen > 0
      ? []
      : [reason('no-traffic', `no transaction of load ${load} was committed`)],
  );
}

/** Where the scenario asks for aborts, what readers see of aborted records was not tried without any. */
function nothingAborted({ scenario, transactions }: TransactionGateInput): Reason[] {
  return scenario.load.flatMap((load) => {
    const counts = transactions.get(load.name);
    const asked = load.kind === 'produce' && (load.transaction?.abort ?? 0) > 0;
    if (!asked || counts === undefined || counts.aborted > 0) return [];
    const ended = counts.committed + counts.unknown;
    return [
      reason(
        'nothing-aborted',
        `load ${load.name} is to abort transactions, and aborted none of ${ended}; a longer \`measure\` or fewer \`records\` in each make more of them`,
      ),
    ];
  });
}

function stillOpen({ unsettled }: TransactionGateInput): Reason[] {
  return unsettled.map(({ topic, partition, lastStableOffset, highWatermark, waitedMs }) =>
    reason(
      'audit-incomplete',
      `a transaction on ${topic}/${partition} was still open after ${Math.round(waitedMs / 1000)} s, so nobody at read_committed reads past offset ${lastStableOffset} of ${highWatermark}; a longer \`drain\` or a shorter transaction.timeout.ms may end it`,
    ),
  );
}

/** Partitions that transactions write to and that were not read at read_committed, though they were otherwise. */
function unread({ scenario, evidence, history }: TransactionGateInput): Reason[] {
  const relayed = scenario.load.filter(isRelay).filter(({ relay }) => relay.transactional);
  const written = new Set([
    ...history.streams.flatMap(({ transactional, index }) => (transactional ? [index.topic] : [])),
    ...relayed.map(({ relay }) => relay.to),
  ]);
  const open = new Set(
    evidence.events.flatMap((event) =>
      event.type === 'unsettled-transaction' ? [`${event.topic}/${event.partition}`] : [],
    ),
  );
  const found = history.index.places.filter(
    ({ topic, partition, audit, committedAudit }) =>
      written.has(topic) &&
      audit?.complete &&
      !committedAudit?.complete &&
      !open.has(`${topic}/${partition}`),
  );
  return found.slice(0, 1).map((place) => reason('audit-incomplete', unreadMessage(place, found)));
}

function unreadMessage(
  { topic, partition, committedAudit }: PlaceIndex,
  { length }: readonly PlaceIndex[],
): string {
  const how =
    committedAudit === null
      ? 'was not made'
      : `ended at offset ${committedAudit.position} of ${committedAudit.to}: ${committedAudit.reason}`;
  const more = length > 1 ? `, and ${length - 1} more` : '';
  return `the reading of ${topic}/${partition} at read_committed ${how}${more}`;
}

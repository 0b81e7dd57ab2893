/** The counts of design §4, from the tallies of streams and groups. */
import type { RecordNumbers } from '../measure/metric-value.ts';
import type { Findings } from './findings.ts';
import type { GroupOnPlace, GroupRules } from './group-delivery.ts';
import type { History, StreamTally } from './history.ts';
import type { DeliveryCounts, GroupCounts } from './result.ts';

export type RecordCounts = {
  readonly total: DeliveryCounts;
  readonly byTopic: Readonly<Record<string, DeliveryCounts>>;
  readonly byLoad: Readonly<Record<string, DeliveryCounts>>;
};

export function countRecords(history: History): RecordCounts {
  const { streams, findings } = history;
  const by = (pick: (tally: StreamTally) => string): Record<string, DeliveryCounts> =>
    Object.fromEntries(
      [...new Set(streams.map(pick))].map((name) => [
        name,
        sumOf(
          streams.filter((tally) => pick(tally) === name),
          findings,
        ),
      ]),
    );
  return {
    total: sumOf(streams, findings),
    byTopic: by(({ index }) => index.topic),
    byLoad: by(({ load }) => load.name),
  };
}

/** As expectations see them: what nothing was sent or audited for has no number. */
export function toNumbers(counts: DeliveryCounts, audited: boolean): RecordNumbers {
  const { acknowledged, failed, unknown, ...inLog } = counts;
  const sent = acknowledged + failed + unknown > 0;
  const hidden = { read: null, lost: null, duplicated: null, reordered: null };
  if (!sent) return { acknowledged: null, failed: null, unknown: null, ...hidden };
  return { acknowledged, failed, unknown, ...(audited ? inLog : hidden) };
}

function sumOf(streams: readonly StreamTally[], findings: Findings): DeliveryCounts {
  const sum = (pick: (tally: StreamTally) => number): number =>
    streams.reduce((total, tally) => total + pick(tally), 0);
  const loads = new Set(streams.map(({ load }) => load.name));
  const topics = new Set(streams.map(({ index }) => index.topic));
  const found = (kind: 'duplicate' | 'reorder'): number =>
    findings.all
      .filter(
        (tally) => tally.kind === kind && loads.has(tally.load ?? '') && topics.has(tally.topic),
      )
      .reduce((total, { count }) => total + count, 0);
  const acknowledged = sum((tally) => tally.acknowledged);
  const failed = sum((tally) => tally.failed);
  return {
    acknowledged,
    failed,
    unknown: sum((tally) => tally.sent) - acknowledged - failed,
    read: sum(({ index }) => index.read.size),
    lost: sum((tally) => tally.lost),
    duplicated: found('duplicate'),
    reordered: found('reorder'),
  };
}

/** `skipped` was counted by the guarantee. */
export function countGroup(
  on: readonly GroupOnPlace[],
  rules: GroupRules,
  skipped: number,
): GroupCounts {
  const sum = (pick: (one: GroupOnPlace) => number): number =>
    on.reduce((total, one) => total + pick(one), 0);
  const lags = on.map(({ place, state }) => state.lag(place, rules));
  return {
    delivered: sum(({ state }) => state.handedOver),
    redelivered: sum(({ state }) => state.redelivered),
    skipped,
    lagAtEnd: lags.length === 0 || lags.includes(null) ? null : sumNumbers(lags),
  };
}

const sumNumbers = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

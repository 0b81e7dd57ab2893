/** The counts of design §4, from the tallies of streams and groups. */
import type { RecordNumbers } from '../measure/metric-value.ts';
import type { AuditIndex, PlaceIndex } from './audit-index.ts';
import type { GroupOnPlace } from './group-delivery.ts';
import type { History, StreamTally } from './history.ts';
import type { DeliveryCounts, GroupCounts } from './result.ts';

export type RecordCounts = {
  readonly total: DeliveryCounts;
  readonly byTopic: Readonly<Record<string, DeliveryCounts>>;
  readonly byLoad: Readonly<Record<string, DeliveryCounts>>;
};

export function countRecords(history: History): RecordCounts {
  const { streams } = history;
  const by = (pick: (tally: StreamTally) => string): Record<string, DeliveryCounts> =>
    Object.fromEntries(
      [...new Set(streams.map(pick))].map((name) => {
        const mine = streams.filter((tally) => pick(tally) === name);
        const places = mine.flatMap(({ index }) => history.index.places[index.place] ?? []);
        return [name, sumOf(mine, places, history)];
      }),
    );
  return {
    total: sumOf(streams, history.index.places, history),
    byTopic: by(({ index }) => index.topic),
    byLoad: by(({ load }) => load.name),
  };
}

/** As expectations see them: what nothing was sent for has no number. */
export function toNumbers(counts: DeliveryCounts): RecordNumbers {
  const { acknowledged, failed, unknown } = counts;
  if (acknowledged + failed + unknown > 0) return counts;
  return { acknowledged: null, failed: null, unknown: null, ...NOT_AUDITED };
}

const NOT_AUDITED = { read: null, lost: null, duplicated: null, reordered: null };

function sumOf(
  streams: readonly StreamTally[],
  places: readonly PlaceIndex[],
  { findings, index }: History,
): DeliveryCounts {
  const sum = (pick: (tally: StreamTally) => number): number =>
    streams.reduce((total, tally) => total + pick(tally), 0);
  const acknowledged = sum((tally) => tally.acknowledged);
  const failed = sum((tally) => tally.failed);
  const unknown = sum((tally) => tally.sent) - acknowledged - failed;
  const sends = { acknowledged, failed, unknown };
  if (index.overflow || !isAudited(places)) return { ...sends, ...NOT_AUDITED };
  const loads = new Set(streams.map(({ load }) => load.name));
  const topics = new Set(streams.map(({ index }) => index.topic));
  const found = (kind: 'duplicate' | 'reorder'): number =>
    findings.all
      .filter(
        (tally) => tally.kind === kind && loads.has(tally.load ?? '') && topics.has(tally.topic),
      )
      .reduce((total, { count }) => total + count, 0);
  return {
    ...sends,
    read: sum(({ index }) => index.read.size),
    lost: sum((tally) => tally.lost),
    duplicated: found('duplicate'),
    reordered: found('reorder'),
  };
}

const isAudited = (places: readonly PlaceIndex[]): boolean =>
  places.some(({ audit }) => audit !== null);

/** `skipped` was counted by the guarantee. */
export function countGroup(
  on: readonly GroupOnPlace[],
  skipped: number,
  { overflow }: AuditIndex,
): GroupCounts {
  const sum = (pick: (one: GroupOnPlace) => number): number =>
    on.reduce((total, one) => total + pick(one), 0);
  const lags = on.map(({ place, state, due, begin }) => state.lag(place, due, begin));
  return {
    delivered: sum(({ state }) => state.handedOver),
    redelivered: overflow ? null : sum(({ state }) => state.redelivered),
    skipped: isAudited(on.map(({ place }) => place)) ? skipped : null,
    lagAtEnd: lags.length === 0 || lags.includes(null) ? null : sumNumbers(lags),
  };
}

const sumNumbers = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

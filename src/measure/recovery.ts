/**
 * Recovery (design §3): from healed to the start of the first five good seconds in a row. A second is good when at
 * least 95 % of what was offered in it was acknowledged, there is no backlog, p99(ack) is at most twice what it
 * was before the fault (or 10 ms more), and every partition is in full ISR. Never disturbed: 0.
 */

import type { FullIsr } from './isr.ts';
import type { SecondMeasures } from './measures.ts';
import type { SecondTable } from './second-rows.ts';
import { secondsWithin } from './time.ts';

export const GOOD_SECONDS = 5;
const ACKNOWLEDGED_SHARE = 0.95;
/** A backlog of this share of a second's offer is what is always in the air. */
const BACKLOG_SHARE = 0.05;
const P99_FACTOR = 2;
const P99_SLACK_MS = 10;
/** How many undisturbed seconds before the fault say what is normal. */
const BASELINE_SECONDS = 10;

export type Disturbed = { readonly fromMs: number; readonly toMs: number };

/** What was normal before a fault. */
type Baseline = { readonly p99: number | null; readonly backlog: number };

export type RecoveryInput = {
  readonly table: SecondTable;
  /** Loads whose records are acknowledged. */
  readonly answered: ReadonlySet<string>;
  readonly fullIsr: FullIsr;
  readonly injectedAtMs: number;
  readonly healedAtMs: number;
  /** Earlier faults through their recoveries: not what is normal. */
  readonly disturbed: readonly Disturbed[];
};

/** Milliseconds, or null when five good seconds never came. */
export function recoveryMs(input: RecoveryInput): number | null {
  const { table, healedAtMs } = input;
  const offers = offersBySecond(table.rows.filter(({ load }) => input.answered.has(load)));
  const baseline = baselineOf(input, offers);
  const last = Math.max(-1, ...offers.keys());
  let good = 0;
  for (let second = Math.floor(healedAtMs / 1000); second <= last; second++) {
    const offer = offers.get(second);
    good = offer !== undefined && isGood(second, offer, baseline, input) ? good + 1 : 0;
    if (good === GOOD_SECONDS) {
      return Math.max(0, (second - GOOD_SECONDS + 1) * 1000 - healedAtMs);
    }
  }
  return null;
}

type Offer = { offered: number; acknowledged: number; backlog: number };

function offersBySecond(rows: readonly SecondMeasures[]): Map<number, Offer> {
  const offers = new Map<number, Offer>();
  for (const row of rows) {
    if (row.kind !== 'produce' || row.offered === 0) continue;
    const offer = offers.get(row.second) ?? { offered: 0, acknowledged: 0, backlog: 0 };
    offer.offered += row.offered;
    offer.acknowledged += row.acknowledged;
    offer.backlog += row.backlog ?? 0;
    offers.set(row.second, offer);
  }
  return offers;
}

function baselineOf(input: RecoveryInput, offers: ReadonlyMap<number, Offer>): Baseline {
  const first = Math.min(0, ...offers.keys());
  const clean = secondsWithin(first * 1000, input.injectedAtMs).filter(
    (second) =>
      offers.has(second) &&
      input.disturbed.every(
        ({ fromMs, toMs }) => (second + 1) * 1000 <= fromMs || second * 1000 >= toMs,
      ),
  );
  const recent = clean.slice(-BASELINE_SECONDS);
  return {
    p99: input.table.ackP99(recent),
    backlog: Math.max(0, ...recent.map((second) => offers.get(second)?.backlog ?? 0)),
  };
}

function isGood(second: number, offer: Offer, baseline: Baseline, input: RecoveryInput): boolean {
  const p99 = input.table.ackP99([second]) ?? 0;
  const limit =
    baseline.p99 === null
      ? Infinity
      : Math.max(baseline.p99 * P99_FACTOR, baseline.p99 + P99_SLACK_MS);
  return (
    offer.acknowledged >= offer.offered * ACKNOWLEDGED_SHARE &&
    offer.backlog <= Math.max(baseline.backlog, offer.offered * BACKLOG_SHARE) &&
    p99 <= limit &&
    input.fullIsr(second * 1000, (second + 1) * 1000)
  );
}

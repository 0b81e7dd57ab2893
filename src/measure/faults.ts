/** What each fault did: unavailability and recovery, in the order of time, because one fault's recovery says what is normal for the next. */
import type { RunEvidence } from '../evidence/read-run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type FaultSpan, faultSpans } from './fault-spans.ts';
import { visitGaps } from './gaps.ts';
import { fullIsrOf } from './isr.ts';
import type { FaultMeasures } from './measures.ts';
import { type Disturbed, recoveryMs } from './recovery.ts';
import type { SecondTable } from './second-rows.ts';
import { type RunTime, secondsTouching } from './time.ts';

/** In the scenario's order. */
export function measureFaults(
  scenario: Scenario,
  evidence: RunEvidence,
  time: RunTime | null,
  table: SecondTable,
): readonly FaultMeasures[] {
  const spans = faultSpans(scenario, evidence);
  const answered = answeredLoads(scenario);
  const recoveries = recoveriesOf(spans, evidence, table, answered);
  const worst = longestGaps(spans, recoveries, evidence, time, answered);
  return spans.map((span) => {
    const { fault, target, injectedAtMs, healedAtMs, effect } = span;
    const gap = worst.get(span);
    const place = gap === undefined ? undefined : evidence.streams.partitions[gap.place];
    return {
      name: fault.name,
      kind: fault.kind,
      where: fault.whereText,
      target,
      injectedAtMs,
      healedAtMs,
      effect,
      unavailableMs: gap?.ms ?? null,
      unavailableOn: place === undefined ? null : `${place.topic}/${place.partition}`,
      recoveryMs: recoveries.get(span) ?? null,
      watchedMs: healedAtMs === null || time === null ? null : Math.max(0, time.endMs - healedAtMs),
      offered: offeredDuring(span, time, table),
    };
  });
}

/** With acks=0 nothing is ever acknowledged, so such a load says nothing about being available. */
const answeredLoads = ({ load }: Scenario): ReadonlySet<string> =>
  new Set(
    load.flatMap((one) => (one.kind === 'produce' && one.config['acks'] !== '0' ? [one.name] : [])),
  );

/** A fault through its recovery; to the end when it never recovered. null when it was never injected. */
export function disturbance(
  fault: Pick<FaultMeasures, 'injectedAtMs' | 'healedAtMs' | 'recoveryMs'>,
): Disturbed | null {
  const { injectedAtMs, healedAtMs, recoveryMs: recovery } = fault;
  if (injectedAtMs === null) return null;
  const whole = healedAtMs !== null && recovery !== null;
  return { fromMs: injectedAtMs, toMs: whole ? healedAtMs + recovery : Infinity };
}

type Recoveries = ReadonlyMap<FaultSpan, number | null>;

function recoveriesOf(
  spans: readonly FaultSpan[],
  evidence: RunEvidence,
  table: SecondTable,
  answered: ReadonlySet<string>,
): Recoveries {
  const fullIsr = fullIsrOf(evidence);
  const recoveries = new Map<FaultSpan, number | null>();
  const disturbed: Disturbed[] = [];
  const byTime = [...spans].sort((a, b) => (a.injectedAtMs ?? 0) - (b.injectedAtMs ?? 0));
  for (const span of byTime) {
    const { injectedAtMs, healedAtMs } = span;
    if (injectedAtMs === null) continue;
    const recovery =
      healedAtMs === null
        ? null
        : recoveryMs({ table, answered, fullIsr, injectedAtMs, healedAtMs, disturbed });
    recoveries.set(span, recovery);
    const window = disturbance({ injectedAtMs, healedAtMs, recoveryMs: recovery });
    if (window !== null) disturbed.push(window);
  }
  return recoveries;
}

type Gap = { readonly place: number; readonly ms: number };

function longestGaps(
  spans: readonly FaultSpan[],
  recoveries: Recoveries,
  evidence: RunEvidence,
  time: RunTime | null,
  answered: ReadonlySet<string>,
): ReadonlyMap<FaultSpan, Gap> {
  const worst = new Map<FaultSpan, Gap>();
  if (time === null) return worst;
  const windows = spans.flatMap((span) => {
    const window = disturbance({ ...span, recoveryMs: recoveries.get(span) ?? null });
    if (window === null) return [];
    // What comes after the next fault is that one's doing, not of one that is over.
    const next = spans
      .map((other) => other.injectedAtMs ?? Infinity)
      .filter((atMs) => atMs > (span.healedAtMs ?? Infinity));
    return [{ span, fromMs: window.fromMs, toMs: Math.min(window.toMs, ...next) }];
  });
  if (windows.length === 0) return worst;
  visitGaps(evidence, answered, time.drainEndMs, (place, fromMs, toMs) => {
    for (const window of windows) {
      if (fromMs > window.toMs || toMs < window.fromMs) continue;
      if (toMs - fromMs > (worst.get(window.span)?.ms ?? -1)) {
        worst.set(window.span, { place, ms: toMs - fromMs });
      }
    }
  });
  return worst;
}

function offeredDuring(span: FaultSpan, time: RunTime | null, table: SecondTable): number {
  if (span.injectedAtMs === null || time === null) return 0;
  const touched = new Set(secondsTouching(span.injectedAtMs, span.healedAtMs ?? time.endMs));
  const rows = table.rows.filter(({ second }) => touched.has(second));
  const produced = rows.some(({ kind }) => kind === 'produce');
  return rows.reduce((sum, row) => sum + (produced ? row.offered : row.received), 0);
}

/** When each fault of the scenario was really in force, as its events tell. */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import type { FaultSpec, Scenario } from '../scenario/scenario.ts';

export type FaultSpan = {
  readonly fault: FaultSpec;
  readonly target: string | null;
  /** Milliseconds from the start of `measure`; null when it never was. */
  readonly injectedAtMs: number | null;
  readonly healedAtMs: number | null;
  readonly effect: { readonly proven: boolean; readonly evidence: string };
};

/** In the scenario's order. */
export function faultSpans(scenario: Scenario, evidence: RunEvidence): readonly FaultSpan[] {
  return scenario.faults.map((fault) => {
    const all = evidence.events.filter((event) => 'fault' in event && event.fault === fault.name);
    const injected = firstOf(all, 'fault-injected');
    const healed = firstOf(all, 'fault-healed');
    const at = (event: RunEvent | undefined): number | null =>
      event === undefined ? null : sinceMeasureMs(evidence.schedule, event.t);
    return {
      fault,
      target: injected?.target ?? null,
      injectedAtMs: at(injected),
      healedAtMs: injected === undefined ? null : at(healed),
      effect: effectOf(all),
    };
  });
}

function firstOf<T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): EventOf<T> | undefined {
  return events.find((event): event is EventOf<T> => event.type === type);
}

/** One look that saw the effect is proof; otherwise the last look says why not. */
function effectOf(events: readonly RunEvent[]): FaultSpan['effect'] {
  const skipped = firstOf(events, 'fault-skipped');
  if (skipped !== undefined) return { proven: false, evidence: `left out: ${skipped.reason}` };
  const looks = events.filter((event) => event.type === 'fault-probed');
  const best = looks.find(({ proven }) => proven) ?? looks.at(-1);
  return best === undefined
    ? { proven: false, evidence: 'nobody saw an effect' }
    : { proven: best.proven, evidence: best.evidence };
}

/** When all was quiet: what stands still from then to the end of the drain stands still by itself. */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import type { RunEvidence } from '../evidence/read-run.ts';

/** Times of a run, in microseconds since t0. */
export type Quiet = {
  /** When the last fault was healed, or traffic began. */
  readonly quietSinceUs: number;
  /** Until when records were offered. */
  readonly trafficEndUs: number;
  /** When the drain ended. */
  readonly endUs: number;
};

/** Null where the run never came to a quiet end: then nothing is known of liveness. */
export function quietEnd({ events, schedule }: RunEvidence): Quiet | null {
  const end = endOf('drain', events);
  if (end === undefined) return null;
  return {
    quietSinceUs: quietSinceUs({ events, schedule }),
    // Some runs end earlier than they were to.
    trafficEndUs: endOf('measure', events)?.t ?? schedule?.endUs ?? end.t,
    endUs: end.t,
  };
}

/** When the last fault was healed, or traffic began, in microseconds since t0. */
export function quietSinceUs({
  events,
  schedule,
}: Pick<RunEvidence, 'events' | 'schedule'>): number {
  const healed = events.findLast(({ type }) => type === 'fault-healed');
  return Math.max(schedule?.measureUs ?? 0, healed?.t ?? 0);
}

const endOf = (phase: string, events: readonly RunEvent[]): EventOf<'phase-ended'> | undefined =>
  events.findLast(
    (event): event is EventOf<'phase-ended'> =>
      event.type === 'phase-ended' && event.phase === phase,
  );

/**
 * Stuck partition (L2, unavailable): when the drain ended nothing was broken any more, and of a partition that was
 * offered records nothing had been acknowledged for half a minute, while others of the same load went on. Elections
 * and restarts take less. A failure of liveness under every configuration but acks=0, where it is impossible to tell:
 * it is proven only when nothing else spoiled the run. A drain that ends earlier leaves it open.
 */
import type { EventOf, RunEvent } from '../evidence/events.ts';
import type { RawEntry } from '../evidence/ledger.ts';
import type { StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';

const PATIENCE_US = 30_000_000;
/** Others must have gone on for so long: at the end of traffic all partitions stop, one a moment after the other. */
const GOING_ON_US = 5_000_000;

type Waiting = {
  outstanding: number;
  /** Since when something waits for an acknowledgement; null: nothing does. */
  sinceUs: number | null;
  acknowledgedUs: number;
  /** When something was last offered or answered. */
  triedUs: number;
};

/** One load on its partitions. */
export class Progress {
  readonly #places = new Map<number, { readonly stream: StreamIndex; readonly state: Waiting }>();

  /** Intents and outcomes by time. */
  look(stream: StreamIndex, { kind, outcome, count, timeUs }: RawEntry): void {
    let one = this.#places.get(stream.place);
    if (one === undefined) {
      const nothing = { outstanding: 0, sinceUs: null, acknowledgedUs: -Infinity, triedUs: timeUs };
      one = { stream, state: nothing };
      this.#places.set(stream.place, one);
    }
    const { state } = one;
    state.triedUs = timeUs;
    if (kind === 'intent') {
      state.outstanding += count;
      state.sinceUs ??= timeUs;
      return;
    }
    state.outstanding = Math.max(0, state.outstanding - count);
    // A send that failed does not end the waiting.
    if (outcome !== 'acknowledged') return;
    state.acknowledgedUs = timeUs;
    state.sinceUs = state.outstanding > 0 ? timeUs : null;
  }

  /**
   * `quietSinceUs`: when the last fault was healed, or traffic began. Returns the places that stand still.
   */
  judge(
    times: { readonly quietSinceUs: number; readonly endUs: number },
    findings: Findings,
  ): readonly number[] {
    return [...this.#places.values()].flatMap(({ stream, state }) => {
      const sinceUs = Math.max(times.quietSinceUs, state.sinceUs ?? Infinity);
      const untilUs = state.outstanding > 0 ? times.endUs : state.triedUs;
      const going = this.#others(stream.place, sinceUs + GOING_ON_US);
      if (!going || untilUs - sinceUs < PATIENCE_US) return [];
      const { topic, partition, load, place } = stream;
      findings.add({ kind: 'stuck-partition', load, topic, excuse: null }, 1, () => ({
        topic,
        partition,
        offset: null,
        producer: null,
        sequence: null,
        timeUs: sinceUs,
        note: `nothing was acknowledged for ${Math.round((untilUs - sinceUs) / 1e6)} s, while other partitions of ${load} went on`,
      }));
      return [place];
    });
  }

  /** Whether another partition acknowledged something after that. */
  #others(place: number, timeUs: number): boolean {
    return [...this.#places].some(
      ([other, { state }]) => other !== place && state.acknowledgedUs >= timeUs,
    );
  }
}

/** Null where the run never came to a quiet end: then nothing is known of liveness. */
export function quietEnd(
  events: readonly RunEvent[],
  beganUs: number,
): { readonly quietSinceUs: number; readonly endUs: number } | null {
  const end = events.findLast(
    (event): event is EventOf<'phase-ended'> =>
      event.type === 'phase-ended' && event.phase === 'drain',
  );
  if (end === undefined) return null;
  const healed = events.findLast(({ type }) => type === 'fault-healed');
  return { quietSinceUs: Math.max(beganUs, healed?.t ?? 0), endUs: end.t };
}

/**
 * Stuck partition (L2, unavailable): when the drain ended nothing was broken any more, and of a partition that was
 * offered records nothing had been acknowledged for half a minute, while others of the same load went on, or while the
 * load went on offering, if all stand still. Elections and restarts take less. A failure of liveness under every
 * configuration but acks=0, where it is impossible to tell: it is proven only when nothing else spoiled the run. A run
 * that ends earlier leaves it open.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { StreamIndex } from './audit-index.ts';
import type { Findings } from './findings.ts';
import type { Quiet } from './quiet.ts';

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

  /** Returns the places that stand still. */
  judge({ quietSinceUs, trafficEndUs, endUs }: Quiet, findings: Findings): readonly number[] {
    return [...this.#places.values()].flatMap(({ stream, state }) => {
      const { topic, partition, load, place } = stream;
      const sinceUs = Math.max(quietSinceUs, state.sinceUs ?? Infinity);
      const going = this.#others(place, sinceUs + GOING_ON_US);
      const lastUs = state.outstanding > 0 ? endUs : state.triedUs;
      // Where nobody goes on, only what was offered says that anything could have.
      const untilUs = going ? lastUs : Math.min(lastUs, trafficEndUs);
      if (untilUs - sinceUs < PATIENCE_US) return [];
      const beside = going ? `other partitions of ${load} went on` : `${load} went on offering`;
      findings.add({ kind: 'stuck-partition', load, topic, excuse: null }, 1, () => ({
        topic,
        partition,
        offset: null,
        producer: null,
        sequence: null,
        timeUs: sinceUs,
        note: `nothing was acknowledged for ${Math.round((untilUs - sinceUs) / 1e6)} s, while ${beside}`,
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

/**
 * Unavailability: how long a partition that was offered traffic gave no acknowledgement. A gap begins at the last
 * acknowledgement, or, when nothing was waiting then, at the next intent; it ends at the next acknowledgement, or
 * at the end of the run. A failed send does not end it.
 */
import { mergeLedgers } from '../evidence/merge-ledgers.ts';
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';

/** Told of every gap of one place (see streams.ts); times are milliseconds from the start of `measure`. */
export type OnGap = (place: number, fromMs: number, toMs: number) => void;

type PlaceState = { outstanding: number; waitingSinceUs: number | null };

/** `loads`: those whose records are acknowledged; `untilMs`: where a gap ends that no acknowledgement ended. */
export function visitGaps(
  evidence: RunEvidence,
  loads: ReadonlySet<string>,
  untilMs: number,
  onGap: OnGap,
): void {
  const { streams, schedule } = evidence;
  const paths = evidence.ledgers.filter(({ load }) => loads.has(load)).map(({ path }) => path);
  const states = streams.partitions.map(
    (): PlaceState => ({ outstanding: 0, waitingSinceUs: null }),
  );
  const end = (place: number, state: PlaceState, atUs: number): void => {
    if (state.waitingSinceUs === null) return;
    onGap(place, sinceMeasureMs(schedule, state.waitingSinceUs), sinceMeasureMs(schedule, atUs));
  };
  mergeLedgers(paths, (entry) => {
    const place = streams.streams[entry.stream]?.place ?? -1;
    const state = states[place];
    if (state === undefined) return;
    if (entry.kind === 'intent') {
      state.outstanding += entry.count;
      state.waitingSinceUs ??= entry.timeUs;
      return;
    }
    state.outstanding = Math.max(0, state.outstanding - entry.count);
    if (entry.outcome !== 'acknowledged') return;
    end(place, state, entry.timeUs);
    state.waitingSinceUs = state.outstanding > 0 ? entry.timeUs : null;
  });
  const untilUs = untilMs * 1000 + (schedule?.measureUs ?? 0);
  states.forEach((state, place) => {
    if ((state.waitingSinceUs ?? Infinity) < untilUs) end(place, state, untilUs);
  });
}

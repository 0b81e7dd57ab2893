/**
 * Unavailability: how long a partition that was offered traffic gave no acknowledgement. A gap begins at the last
 * acknowledgement, or, when nothing was waiting then, at the next intent; it ends at the next acknowledgement, or
 * at the end of the run. A failed send does not end it. The end of a transaction counts as something sent to all its
 * partitions: when it goes wrong nothing can be sent to them before the next transaction has begun. Nobody waits for the
 * answers of a worker that was killed: its waiting ends with it, and is not taken for a partition without a leader.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import { mergeLedgers } from '../evidence/merge-ledgers.ts';
import { type RunEvidence, sinceMeasureMs } from '../evidence/read-run.ts';
import type { Stream, StreamTable } from '../evidence/streams.ts';
import { DeadWaits, deathUs } from './dead-waits.ts';

/** Told of every gap of one place (see streams.ts); times are milliseconds from the start of `measure`. */
export type OnGap = (place: number, fromMs: number, toMs: number) => void;

type OnGapUs = (place: number, fromUs: number, toUs: number) => void;
type PlaceState = { outstanding: number; waitingSinceUs: number | null };
/** Of one producer: the partitions its open transaction has written to, and whether a send of it went wrong. */
type OpenTransaction = { readonly places: Set<number>; spoilt: boolean };

/** `loads`: those whose records are acknowledged; `untilMs`: where a gap ends that no acknowledgement ended. */
export function visitGaps(
  evidence: RunEvidence,
  loads: ReadonlySet<string>,
  untilMs: number,
  onGap: OnGap,
): void {
  const { streams, schedule } = evidence;
  const ledgers = evidence.ledgers.filter(({ load }) => loads.has(load));
  const waits = new DeadWaits(ledgers.map((ledger) => deathUs(ledger, evidence)));
  const gaps = new Gaps(streams, (place, fromUs, toUs) =>
    onGap(place, sinceMeasureMs(schedule, fromUs), sinceMeasureMs(schedule, toUs)),
  );
  const bury = (nowUs: number): void =>
    waits.bury(nowUs, (place, count, diedUs) => gaps.abandon(place, count, diedUs));
  const paths = ledgers.map(({ path }) => path);
  mergeLedgers(paths, (entry, source) => {
    bury(entry.timeUs);
    waits.add(source, streams.streams[entry.stream]?.place ?? -1, entry);
    gaps.add(entry);
  });
  bury(Infinity);
  gaps.end(untilMs * 1000 + (schedule?.measureUs ?? 0));
}

class Gaps {
  readonly #streams: StreamTable['streams'];
  readonly #onGap: OnGapUs;
  readonly #places: readonly PlaceState[];
  /** By load and producer. */
  readonly #open = new Map<string, OpenTransaction>();

  constructor({ streams, partitions }: StreamTable, onGap: OnGapUs) {
    this.#streams = streams;
    this.#onGap = onGap;
    this.#places = partitions.map(() => ({ outstanding: 0, waitingSinceUs: null }));
  }

  add(entry: RawEntry): void {
    const stream = this.#streams[entry.stream];
    if (stream === undefined) return;
    const { kind } = entry;
    if (kind === 'intent' || kind === 'outcome') this.#send(stream, entry);
    else if (kind === 'commit-intent' || kind === 'abort-intent') {
      for (const place of this.#transactionOf(stream).places) this.#waits(place, entry.timeUs);
    } else if (kind === 'transaction-outcome') this.#ended(stream, entry);
  }

  /** Nobody waits any more for so many records. */
  abandon(place: number, count: number, atUs: number): void {
    const state = this.#places[place];
    if (state === undefined) return;
    state.outstanding = Math.max(0, state.outstanding - count);
    if (state.outstanding > 0) return;
    this.#close(place, atUs);
    state.waitingSinceUs = null;
  }

  /** What still waits then has waited until then. */
  end(untilUs: number): void {
    this.#places.forEach((state, place) => {
      if ((state.waitingSinceUs ?? Infinity) < untilUs) this.#close(place, untilUs);
    });
  }

  #send(stream: Stream, { kind, count, outcome, transaction, timeUs }: RawEntry): void {
    const { place } = stream;
    const state = this.#places[place] as PlaceState;
    const within = transaction < 0 ? null : this.#transactionOf(stream);
    if (kind === 'intent') {
      within?.places.add(place);
      state.outstanding += count;
      this.#waits(place, timeUs);
      return;
    }
    state.outstanding = Math.max(0, state.outstanding - count);
    if (outcome === 'acknowledged') this.#answered(place, timeUs);
    else if (within !== null) within.spoilt = true;
  }

  #ended(stream: Stream, { outcome, errorCode, timeUs }: RawEntry): void {
    const { places, spoilt } = this.#transactionOf(stream);
    this.#open.delete(producerOf(stream));
    if (spoilt || outcome === 'unknown' || errorCode !== 0) return;
    for (const place of places) this.#answered(place, timeUs);
  }

  #transactionOf(stream: Stream): OpenTransaction {
    const known = this.#open.get(producerOf(stream));
    if (known !== undefined) return known;
    const fresh = { places: new Set<number>(), spoilt: false };
    this.#open.set(producerOf(stream), fresh);
    return fresh;
  }

  #waits(place: number, sinceUs: number): void {
    const state = this.#places[place] as PlaceState;
    state.waitingSinceUs ??= sinceUs;
  }

  #answered(place: number, atUs: number): void {
    const state = this.#places[place] as PlaceState;
    this.#close(place, atUs);
    state.waitingSinceUs = state.outstanding > 0 ? atUs : null;
  }

  #close(place: number, atUs: number): void {
    const since = this.#places[place]?.waitingSinceUs ?? null;
    if (since !== null) this.#onGap(place, since, atUs);
  }
}

const producerOf = ({ load, producer }: Stream): string => `${load} ${producer}`;

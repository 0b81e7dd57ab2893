/**
 * A run as plain lines, for logs: what happens as it happens, and now and then how far the run is. Prints nothing
 * and knows no time: every call brings the milliseconds of the caller's monotonic clock.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { fold, type LiveState, line, liveState, type Told } from './live.ts';
import { RunClock } from './run-clock.ts';

/** Between two lines that say how far the run is. */
const STATUS_MS = 10_000;

export class PlainLines {
  readonly #clock = new RunClock();
  #state: LiveState;
  #statusAtMs: number;

  constructor(scenario: Scenario, nowMs: number) {
    this.#state = liveState(scenario);
    this.#statusAtMs = nowMs + STATUS_MS;
  }

  event(event: RunEvent, nowMs: number): string[] {
    this.#clock.hear(event.t, nowMs);
    this.#state = fold(this.#state, event);
    return this.#state.told.map(this.#stamped);
  }

  second(second: LoadSecond): void {
    this.#state = fold(this.#state, second);
  }

  /** What is due by now. Asked now and then, whether or not anything happened. */
  tick(nowMs: number): string[] {
    this.#state = fold(this.#state, { type: 'tick', t: this.#clock.at(nowMs) });
    const told = this.#state.told.map(this.#stamped);
    if (nowMs < this.#statusAtMs) return told;
    this.#statusAtMs = nowMs + STATUS_MS;
    return this.#state.phase === null ? told : [...told, line(this.#state)];
  }

  readonly #stamped = ({ t, text }: Told): string => {
    const seconds = (t - (this.#state.schedule?.measureUs ?? 0)) / 1e6;
    return `${seconds.toFixed(1).padStart(7)} s  ${text}`;
  };
}

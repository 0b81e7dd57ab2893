/** The run's clock between two events: it goes on by itself from the last one heard, so a quiet run does not stand still. */
export class RunClock {
  #heard: { readonly us: number; readonly ms: number } | null = null;

  /** An event of the run time `us` came at `nowMs` of the caller's monotonic clock. A late one turns nothing back. */
  hear(us: number, nowMs: number): void {
    this.#heard = { us: Math.max(us, this.at(nowMs)), ms: nowMs };
  }

  /** Microseconds since t0; 0 before the first event. */
  at(nowMs: number): number {
    return this.#heard === null ? 0 : this.#heard.us + (nowMs - this.#heard.ms) * 1000;
  }
}

/**
 * What the checker holds, in bytes, as its structures count them themselves; not what they share with all programs:
 * the events and series of the run, and objects of a fixed number. Above the limit nothing more is held, and
 * the verdict is `unknown` with the reason `memory-cap`: to look at half a history would raise false alarms.
 */

export type Sized = { readonly bytes: number };

/** A history whose records stand about as they were sent takes a thousandth of it. */
export const DEFAULT_LIMIT_BYTES = 512 * 2 ** 20;

/** Counting takes a moment, and one entry adds little. */
const ENTRIES_BETWEEN = 4096;

export class CheckerMemory {
  readonly limitBytes: number;
  readonly #parts: Sized[] = [];
  #peakBytes = 0;
  #entries = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  get exceeded(): boolean {
    return this.#peakBytes > this.limitBytes;
  }

  watch(parts: Iterable<Sized>): void {
    this.#parts.push(...parts);
  }

  /** To be asked for every entry: whether it may be held. */
  holds(): boolean {
    if (this.#entries++ % ENTRIES_BETWEEN === 0) this.look();
    return !this.exceeded;
  }

  look(): void {
    if (this.exceeded) return;
    const bytes = this.#parts.reduce((sum, part) => sum + part.bytes, 0);
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }
}

/**
 * The sends of one stream that nobody has answered yet: when they were given to the client, and what was known of
 * their partition by then. As many as are in the air, and they go when they are answered.
 */
import type { RawEntry } from '../evidence/ledger.ts';

export type Sending = {
  readonly from: number;
  readonly to: number;
  readonly sentUs: number;
  /** The highest offset that had been acknowledged in the partition before; -1 for none. */
  readonly known: number;
};

export class Sendings {
  #open: Sending[] = [];

  begin({ first, count, timeUs }: RawEntry, known: number): void {
    this.#open.push({ from: first, to: first + count, sentUs: timeUs, known });
  }

  /** The earliest send that the outcome answers; null when its ledger lacks it. */
  answer({ first, count }: RawEntry): Sending | null {
    const end = first + count;
    const head = this.#open[0];
    // Nearly always the oldest one, and all of it.
    if (head?.from === first && head.to === end) return this.#open.shift() ?? null;
    const found = this.#open.find(({ from, to }) => from < end && to > first);
    if (found === undefined) return null;
    this.#open = this.#open.filter(({ from, to }) => from < first || to > end);
    return found;
  }
}

/**
 * Which batches of a fetched stretch a reader at isolation read_committed passes over. The broker sends them and names
 * the aborted transactions: whose, and from which offset on; each lasts until its abort marker.
 */
import { type BatchHeader, isControl, isTransactional } from './batch.ts';

export type Aborted = { readonly producerId: number; readonly firstOffset: number };

export class AbortedTransactions {
  /** By their first offset; those that have not begun yet. */
  readonly #ahead: Aborted[];
  readonly #open = new Set<number>();

  constructor(aborted: readonly Aborted[]) {
    this.#ahead = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** To be asked of every batch in the order of the log. */
  hides(header: BatchHeader): boolean {
    const { producerId, baseOffset, lastOffsetDelta } = header;
    while ((this.#ahead[0]?.firstOffset ?? Infinity) <= baseOffset + lastOffsetDelta) {
      this.#open.add((this.#ahead.shift() as Aborted).producerId);
    }
    return !isControl(header) && isTransactional(header) && this.#open.has(producerId);
  }

  /** The abort marker of the producer was passed. */
  ended(producerId: number): void {
    this.#open.delete(producerId);
  }
}

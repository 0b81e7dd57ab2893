/**
 * Of which records it is held where each stands. At first of none but those that transactions or compaction ask for;
 * a history that leaves something in doubt is read again with these held as well (`readHistory`).
 */
import { IntervalSet } from './interval-set.ts';
import type { Exactness } from './read-runs.ts';

/** What a reading of the history says of a stream. */
export type Doubts = {
  readonly number: number;
  readonly transactional: boolean;
  readonly doubtful: readonly number[];
};

export class ExactBlocks {
  readonly #everywhere: Set<number>;
  readonly #blocks = new Map<number, IntervalSet>();

  /** Streams, by number, that are held everywhere from the start. */
  constructor(everywhere: Iterable<number>) {
    this.#everywhere = new Set(everywhere);
  }

  of(stream: number): Exactness {
    if (this.#everywhere.has(stream)) return 'everywhere';
    return this.#blocks.get(stream) ?? new IntervalSet();
  }

  /** Whether there is anything in doubt that was not held already. */
  add({ number, transactional, doubtful }: Doubts): boolean {
    if (transactional && !this.#everywhere.has(number)) {
      this.#everywhere.add(number);
      return true;
    }
    const known = this.#blocks.get(number) ?? new IntervalSet();
    for (const block of doubtful) known.add(block, block + 1);
    if (doubtful.length > 0) this.#blocks.set(number, known);
    return doubtful.length > 0;
  }
}

/**
 * Where the audit read the records of one stream, and whether acknowledgements named the same places. What is held
 * record by record (`ExactRuns`) costs twelve bytes a batch; of all else a digest is held, which says whether every
 * acknowledged record of a block stands where it was said and nothing else of the stream does. Where digests differ, or
 * a question cannot be answered by them, the history is read again and the block held (`exact-blocks.ts`).
 */
import { BLOCK, BlockDigests } from './block-digests.ts';
import { ExactRuns } from './exact-runs.ts';
import type { IntervalSet } from './interval-set.ts';

/** Blocks of sequences, by number, that are held record by record. */
export type Exactness = 'everywhere' | IntervalSet;

const blockOf = (sequence: number): number => Math.floor(sequence / BLOCK);

export class ReadRuns {
  readonly #exact: Exactness;
  readonly #runs: ExactRuns;
  readonly #digests = new BlockDigests();
  #first: number | null = null;

  /** No record stands below `baseOffset`. */
  constructor(baseOffset: number, exact: Exactness) {
    this.#exact = exact;
    this.#runs = new ExactRuns(baseOffset);
  }

  get bytes(): number {
    return this.#runs.bytes + this.#digests.bytes;
  }

  /** The sequence that stands first in the log, or null. */
  get first(): number | null {
    return this.#first;
  }

  /** The audit read them. Offsets rise from call to call. */
  push(first: number, count: number, offset: number): void {
    this.#first ??= first;
    if (this.#exact === 'everywhere') {
      this.#runs.push(first, count, offset);
      return;
    }
    this.#digests.read(first, count, offset);
    this.#exact.each(blockOf(first), blockOf(first + count - 1) + 1, (low, high) => {
      const from = Math.max(first, low * BLOCK);
      const to = Math.min(first + count, high * BLOCK);
      this.#runs.push(from, to - from, offset + from - first);
    });
  }

  /** A client was told that they stand there. */
  acknowledged(first: number, count: number, offset: number): void {
    if (this.#exact !== 'everywhere') this.#digests.acknowledged(first, count, offset);
  }

  /**
   * How many of the records [first, first + count), of which a client was told that they stand, one after the other,
   * from `offset` on, do so. Blocks that are not held are taken at the client's word, until their digest says otherwise.
   */
  matching(first: number, count: number, offset: number): number {
    for (let matched = 0; matched < count; ) {
      const sequence = first + matched;
      const piece = Math.min(count - matched, (blockOf(sequence) + 1) * BLOCK - sequence);
      const found = this.#holds(sequence)
        ? this.#runs.matching(sequence, piece, offset + matched)
        : piece;
      matched += found;
      if (found < piece) return matched;
    }
    return count;
  }

  /** The offset where `sequence` stands, the first if there are several; null when it is not there or not held. Slow. */
  offsetOf(sequence: number): number | null {
    if (this.#holds(sequence)) return this.#runs.offsetOf(sequence);
    this.#digests.ask(blockOf(sequence));
    return null;
  }

  /** As `ExactRuns` has it; only of a stream that is held everywhere. */
  eachOffset(...[first, to, visit]: Parameters<ExactRuns['eachOffset']>): void {
    this.#whole().eachOffset(first, to, visit);
  }

  /** Every run in the order of the log; only of a stream that is held everywhere. */
  each(visit: Parameters<ExactRuns['each']>[0]): void {
    this.#whole().each(visit);
  }

  /** Blocks to be held before what was said of them counts. */
  doubtful(): readonly number[] {
    const exact = this.#exact;
    if (exact === 'everywhere') return [];
    return this.#digests.doubtful().filter((block) => !exact.has(block));
  }

  #holds(sequence: number): boolean {
    return this.#exact === 'everywhere' || this.#exact.has(blockOf(sequence));
  }

  #whole(): ExactRuns {
    if (this.#exact !== 'everywhere') throw new Error('the stream is not held everywhere');
    return this.#runs;
  }
}

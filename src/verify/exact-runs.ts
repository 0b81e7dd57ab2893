/**
 * Records of one stream as they stand in the log: runs of consecutive sequences at consecutive offsets, twelve bytes
 * each, in the order of the log. Answers which sequence stands at an offset.
 */

const NONE = new Uint32Array(0);

export class ExactRuns {
  /** Offsets are stored relative to this, so that 32 bits are enough. */
  readonly #base: number;
  #firsts = NONE;
  #counts = NONE;
  #offsets = NONE;
  #length = 0;
  #hint = 0;
  #sequenceHint = 0;

  constructor(baseOffset: number) {
    this.#base = baseOffset;
  }

  get bytes(): number {
    return this.#firsts.byteLength + this.#counts.byteLength + this.#offsets.byteLength;
  }

  /** Offsets rise from call to call. */
  push(first: number, count: number, offset: number): void {
    const last = this.#length - 1;
    const relative = offset - this.#base;
    if (last >= 0 && this.#continues(last, first, relative)) {
      this.#counts[last] = (this.#counts[last] as number) + count;
      return;
    }
    if (this.#length === this.#firsts.length) this.#grow();
    this.#firsts[this.#length] = first;
    this.#counts[this.#length] = count;
    this.#offsets[this.#length] = relative;
    this.#length++;
  }

  #continues(run: number, first: number, relative: number): boolean {
    const count = this.#counts[run] as number;
    return (
      (this.#firsts[run] as number) + count === first &&
      (this.#offsets[run] as number) + count === relative
    );
  }

  /** Every run in the order of the log. */
  each(visit: (first: number, count: number, offset: number) => void): void {
    for (let run = 0; run < this.#length; run++) {
      visit(
        this.#firsts[run] as number,
        this.#counts[run] as number,
        this.#base + (this.#offsets[run] as number),
      );
    }
  }

  /** How many of the records [first, first + count) stand, one after the other, from `offset` on. */
  matching(first: number, count: number, offset: number): number {
    let matched = 0;
    while (matched < count) {
      const run = this.#runAt(offset + matched - this.#base);
      if (run < 0) break;
      const into = offset + matched - this.#base - (this.#offsets[run] as number);
      if ((this.#firsts[run] as number) + into !== first + matched) break;
      matched += Math.min(count - matched, (this.#counts[run] as number) - into);
    }
    return matched;
  }

  /**
   * Where the records [first, to) stand, one copy of each, piece by piece; those that are not there are passed over,
   * slowly. Quick as long as the stream stands in the log about as it was sent.
   */
  eachOffset(
    first: number,
    to: number,
    visit: (sequence: number, offset: number, count: number) => void,
  ): void {
    for (let sequence = first; sequence < to; ) {
      const run = this.#runOf(sequence);
      if (run < 0) {
        sequence++;
        continue;
      }
      const into = sequence - (this.#firsts[run] as number);
      const count = Math.min(to - sequence, (this.#counts[run] as number) - into);
      visit(sequence, this.#base + (this.#offsets[run] as number) + into, count);
      sequence += count;
    }
  }

  /** A run that holds the sequence, or -1; looked for from where the last one was found, in both directions. */
  #runOf(sequence: number): number {
    const from = this.#sequenceHint;
    for (let step = 0; step < this.#length; step++) {
      const found = [from + step, from - step].find((run) => this.#holds(run, sequence));
      if (found === undefined) continue;
      this.#sequenceHint = found;
      return found;
    }
    return -1;
  }

  #holds(run: number, sequence: number): boolean {
    if (run < 0 || run >= this.#length) return false;
    const into = sequence - (this.#firsts[run] as number);
    return into >= 0 && into < (this.#counts[run] as number);
  }

  /** The offset where `sequence` stands, the first if there are several; null when it is not there. Slow. */
  offsetOf(sequence: number): number | null {
    for (let run = 0; run < this.#length; run++) {
      const into = sequence - (this.#firsts[run] as number);
      if (into >= 0 && into < (this.#counts[run] as number)) {
        return this.#base + (this.#offsets[run] as number) + into;
      }
    }
    return null;
  }

  /** The run that covers the relative offset, or -1. Acknowledgements come nearly in the order of the log. */
  #runAt(relative: number): number {
    if (this.#covers(this.#hint, relative)) return this.#hint;
    if (this.#covers(this.#hint + 1, relative)) return ++this.#hint;
    let low = 0;
    let high = this.#length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (this.#covers(middle, relative)) {
        this.#hint = middle;
        return middle;
      }
      if ((this.#offsets[middle] as number) > relative) high = middle - 1;
      else low = middle + 1;
    }
    return -1;
  }

  #covers(run: number, relative: number): boolean {
    if (run >= this.#length) return false;
    const into = relative - (this.#offsets[run] as number);
    return into >= 0 && into < (this.#counts[run] as number);
  }

  #grow(): void {
    const size = Math.max(16, Math.ceil(this.#length * 1.25));
    const grown = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const next = new Uint32Array(size);
      next.set(old);
      return next;
    };
    this.#firsts = grown(this.#firsts);
    this.#counts = grown(this.#counts);
    this.#offsets = grown(this.#offsets);
  }
}

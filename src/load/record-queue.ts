/**
 * The records of one stream that were offered and are not answered yet, oldest first: 24 bytes each, in typed
 * arrays, so that minutes of a stalled cluster stay small and off the heap.
 */

const INITIAL = 64;

export class RecordQueue {
  #index = new Float64Array(INITIAL);
  #intended = new Float64Array(INITIAL);
  #offered = new Float64Array(INITIAL);
  #head = 0;
  #length = 0;
  #first: number;

  /** `first`: the sequence of the first record. */
  constructor(first = 0) {
    this.#first = first;
  }

  get length(): number {
    return this.#length;
  }

  /** Sequence of the oldest record. */
  get first(): number {
    return this.#first;
  }

  /** `index` is the record's index in its load; times are run-clock microseconds. Its sequence is first + length. */
  push(index: number, intendedUs: number, offeredUs: number): void {
    if (this.#length === this.#index.length) this.#resize(this.#length * 2);
    const at = (this.#head + this.#length) & (this.#index.length - 1);
    this.#index[at] = index;
    this.#intended[at] = intendedUs;
    this.#offered[at] = offeredUs;
    this.#length += 1;
  }

  indexOf(sequence: number): number {
    return this.#index[this.#slot(sequence)] as number;
  }

  intendedUs(sequence: number): number {
    return this.#intended[this.#slot(sequence)] as number;
  }

  offeredUs(sequence: number): number {
    return this.#offered[this.#slot(sequence)] as number;
  }

  /** Forgets the oldest `count` records. */
  drop(count: number): void {
    this.#head = (this.#head + count) & (this.#index.length - 1);
    this.#length -= count;
    this.#first += count;
    if (this.#index.length > INITIAL && this.#length * 8 < this.#index.length) {
      this.#resize(this.#index.length / 4);
    }
  }

  #slot(sequence: number): number {
    return (this.#head + sequence - this.#first) & (this.#index.length - 1);
  }

  /** Capacities are powers of two. */
  #resize(capacity: number): void {
    const move = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(Math.max(INITIAL, capacity));
      for (let i = 0; i < this.#length; i++) {
        to[i] = from[(this.#head + i) & (from.length - 1)] as number;
      }
      return to;
    };
    this.#intended = move(this.#intended);
    this.#offered = move(this.#offered);
    this.#index = move(this.#index);
    this.#head = 0;
  }
}

/**
 * The records of one stream that were offered and are not answered yet, oldest first, held as runs: records whose
 * indices lie equally far apart and that were offered together take 32 bytes in typed arrays however many they are, so
 * that minutes of a stalled cluster stay small and off the heap.
 */

const INITIAL = 64;

/** When the record with an index in its load was meant to be sent, in run-clock microseconds. */
export type IntendedUs = (index: number) => number;

export class RecordQueue {
  /** Between the indices of two records that follow each other in a run. */
  readonly #stride: number;
  /** Null: records are meant to be sent whenever they are offered. */
  readonly #intended: IntendedUs | null;
  /** By run: sequence and index of its first record, their number, and when they were offered. */
  #starts = new Float64Array(INITIAL);
  #indices = new Float64Array(INITIAL);
  #counts = new Float64Array(INITIAL);
  #offered = new Float64Array(INITIAL);
  #head = 0;
  #runs = 0;
  #length = 0;
  #first: number;
  /** The run that was found last, counted from the head: who asks goes from record to record. */
  #cursor = 0;

  /** `first`: the sequence of the first record. */
  constructor(first: number, stride: number, intended: IntendedUs | null) {
    this.#first = first;
    this.#stride = stride;
    this.#intended = intended;
  }

  get length(): number {
    return this.#length;
  }

  /** Sequence of the oldest record. */
  get first(): number {
    return this.#first;
  }

  /** `count` records with the indices `index`, `index` + stride … Their sequences are first + length and so on. */
  push(index: number, count: number, offeredUs: number): void {
    const last = this.#slot(this.#runs - 1);
    const begun = this.#counts[last] as number;
    const goesOn =
      this.#runs > 0 &&
      this.#offered[last] === offeredUs &&
      (this.#indices[last] as number) + begun * this.#stride === index;
    if (goesOn) this.#counts[last] = begun + count;
    else this.#begin(index, count, offeredUs);
    this.#length += count;
  }

  indexOf(sequence: number): number {
    const at = this.#find(sequence);
    return (this.#indices[at] as number) + (sequence - (this.#starts[at] as number)) * this.#stride;
  }

  intendedUs(sequence: number): number {
    if (this.#intended !== null) return this.#intended(this.indexOf(sequence));
    return this.#offered[this.#find(sequence)] as number;
  }

  /** Never before the record was meant to be sent. */
  offeredUs(sequence: number): number {
    const offeredUs = this.#offered[this.#find(sequence)] as number;
    return Math.max(offeredUs, this.intendedUs(sequence));
  }

  /** Intended and offered times of `count` records, oldest first. */
  timesInto(sequence: number, count: number, intended: Float64Array, offered: Float64Array): void {
    for (let done = 0; done < count; ) {
      const at = this.#find(sequence + done);
      const into = sequence + done - (this.#starts[at] as number);
      const n = Math.min(count - done, (this.#counts[at] as number) - into);
      const index = (this.#indices[at] as number) + into * this.#stride;
      const offeredUs = this.#offered[at] as number;
      for (let i = 0; i < n; i++) {
        const us = this.#intended === null ? offeredUs : this.#intended(index + i * this.#stride);
        intended[done + i] = us;
        offered[done + i] = us > offeredUs ? us : offeredUs;
      }
      done += n;
    }
  }

  /** Forgets the oldest `count` records. */
  drop(count: number): void {
    this.#length -= count;
    this.#first += count;
    this.#cursor = 0;
    while (this.#runs > 0) {
      const at = this.#head;
      const end = (this.#starts[at] as number) + (this.#counts[at] as number);
      if (end > this.#first) break;
      this.#head = this.#slot(1);
      this.#runs -= 1;
    }
    const capacity = this.#starts.length;
    if (capacity > INITIAL && this.#runs * 8 < capacity) this.#resize(capacity / 4);
  }

  #begin(index: number, count: number, offeredUs: number): void {
    if (this.#runs === this.#starts.length) this.#resize(this.#runs * 2);
    const at = this.#slot(this.#runs);
    this.#starts[at] = this.#first + this.#length;
    this.#indices[at] = index;
    this.#counts[at] = count;
    this.#offered[at] = offeredUs;
    this.#runs += 1;
  }

  /** Where the run lies that has the record. */
  #find(sequence: number): number {
    let low = 0;
    let high = this.#runs - 1;
    const known = this.#slot(this.#cursor);
    const start = this.#starts[known] as number;
    if (this.#cursor <= high && start <= sequence) {
      if (sequence < start + (this.#counts[known] as number)) return known;
      low = this.#cursor;
    }
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[this.#slot(middle)] as number) <= sequence) low = middle;
      else high = middle - 1;
    }
    this.#cursor = low;
    return this.#slot(low);
  }

  #slot(run: number): number {
    return (this.#head + run) & (this.#starts.length - 1);
  }

  /** Capacities are powers of two. */
  #resize(capacity: number): void {
    const move = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(Math.max(INITIAL, capacity));
      for (let i = 0; i < this.#runs; i++) {
        to[i] = from[(this.#head + i) & (from.length - 1)] as number;
      }
      return to;
    };
    this.#indices = move(this.#indices);
    this.#counts = move(this.#counts);
    this.#offered = move(this.#offered);
    this.#starts = move(this.#starts);
    this.#head = 0;
    this.#cursor = 0;
  }
}

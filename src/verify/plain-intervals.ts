/** Half-open intervals of integers, kept sorted, disjoint and merged, sixteen bytes each: those of an `IntervalSet` that still change. */
import type { Visit } from './interval-set.ts';

const NONE = new Float64Array(0);

export class PlainIntervals {
  /** Beyond `#pieces` nothing in them counts. */
  #starts = NONE;
  #ends = NONE;
  #pieces = 0;

  /** How many intervals there are. */
  get pieces(): number {
    return this.#pieces;
  }

  get bytes(): number {
    return this.#starts.byteLength + this.#ends.byteLength;
  }

  /** The smallest member, or null. */
  get first(): number | null {
    return this.#pieces === 0 ? null : (this.#starts[0] as number);
  }

  /** One past the largest member; 0 when empty. */
  get end(): number {
    return this.#pieces === 0 ? 0 : (this.#ends[this.#pieces - 1] as number);
  }

  /** How many integers are in the set. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.#pieces; i++) {
      size += (this.#ends[i] as number) - (this.#starts[i] as number);
    }
    return size;
  }

  add(from: number, to: number): void {
    if (to <= from) return;
    const low = this.#firstEndingAtOrAfter(from);
    let high = low;
    while (high < this.#pieces && (this.#starts[high] as number) <= to) high++;
    const start = low === high ? from : Math.min(from, this.#starts[low] as number);
    const end = low === high ? to : Math.max(to, this.#ends[high - 1] as number);
    if (high !== low + 1) this.#move(high, low + 1);
    this.#starts[low] = start;
    this.#ends[low] = end;
  }

  /** The pieces from this one on, which stand at `to` then. */
  #move(from: number, to: number): void {
    const pieces = this.#pieces + to - from;
    if (pieces > this.#starts.length) this.#resize(pieces + Math.ceil(pieces / 4));
    this.#starts.copyWithin(to, from, this.#pieces);
    this.#ends.copyWithin(to, from, this.#pieces);
    this.#pieces = pieces;
    if (4 * pieces < this.#starts.length) this.#resize(2 * pieces);
  }

  #resize(room: number): void {
    const [starts, ends] = [this.#starts, this.#ends];
    this.#starts = new Float64Array(room);
    this.#ends = new Float64Array(room);
    this.#starts.set(starts.subarray(0, Math.min(room, this.#pieces)));
    this.#ends.set(ends.subarray(0, Math.min(room, this.#pieces)));
  }

  /** Every piece of [from, to) in order, told whether it is in the set. */
  split(from: number, to: number, inside: Visit, outside: Visit): void {
    let at = from;
    for (let i = this.#firstEndingAtOrAfter(from + 1); at < to; i++) {
      const within = i < this.#pieces;
      const start = within ? Math.min(this.#starts[i] as number, to) : to;
      const end = within ? Math.min(this.#ends[i] as number, to) : to;
      if (start > at) outside(at, start);
      if (end > start) inside(Math.max(start, at), end);
      at = Math.max(at, end);
    }
  }

  has(value: number): boolean {
    const i = this.#firstEndingAtOrAfter(value + 1);
    return i < this.#pieces && (this.#starts[i] as number) <= value;
  }

  /** Every interval in order. */
  forEach(visit: Visit): void {
    for (let i = 0; i < this.#pieces; i++) {
      visit(this.#starts[i] as number, this.#ends[i] as number);
    }
  }

  /** Takes the first so many intervals out, and returns them. */
  takeFirst(pieces: number): PlainIntervals {
    const taken = new PlainIntervals();
    taken.#starts = this.#starts.slice(0, pieces);
    taken.#ends = this.#ends.slice(0, pieces);
    taken.#pieces = pieces;
    this.#move(pieces, 0);
    return taken;
  }

  /** Index of the first interval with end >= value; the end of the list is tried first, as histories grow there. */
  #firstEndingAtOrAfter(value: number): number {
    const ends = this.#ends;
    const last = this.#pieces - 1;
    if (last < 0 || (ends[last] as number) < value) return this.#pieces;
    if (last === 0 || (ends[last - 1] as number) < value) return last;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Half-open intervals of integers, kept sorted, disjoint and merged. Histories of millions of records are a
 * handful of intervals as long as nothing is wrong with them.
 */

/** Told of a piece [from, to). */
export type Visit = (from: number, to: number) => void;

export class IntervalSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** How many intervals there are; what the set costs. */
  get pieces(): number {
    return this.#starts.length;
  }

  /** The smallest member, or null. */
  get first(): number | null {
    return this.#starts[0] ?? null;
  }

  /** One past the largest member; 0 when empty. */
  get end(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** How many integers are in the set. */
  get size(): number {
    return this.#starts.reduce((sum, start, i) => sum + (this.#ends[i] as number) - start, 0);
  }

  add(from: number, to: number): void {
    if (to <= from) return;
    const low = this.#firstEndingAtOrAfter(from);
    let high = low;
    while (high < this.#starts.length && (this.#starts[high] as number) <= to) high++;
    if (low === high) {
      this.#starts.splice(low, 0, from);
      this.#ends.splice(low, 0, to);
      return;
    }
    const start = Math.min(from, this.#starts[low] as number);
    const end = Math.max(to, this.#ends[high - 1] as number);
    this.#starts[low] = start;
    this.#ends[low] = end;
    if (high - low > 1) {
      this.#starts.splice(low + 1, high - low - 1);
      this.#ends.splice(low + 1, high - low - 1);
    }
  }

  /** Every piece of [from, to) in order, told whether it is in the set. */
  split(from: number, to: number, inside: Visit, outside: Visit): void {
    let at = from;
    for (let i = this.#firstEndingAtOrAfter(from + 1); at < to; i++) {
      const start = Math.min(this.#starts[i] ?? to, to);
      const end = Math.min(this.#ends[i] ?? to, to);
      if (start > at) outside(at, start);
      if (end > start) inside(Math.max(start, at), end);
      at = Math.max(at, end);
    }
  }

  has(value: number): boolean {
    const i = this.#firstEndingAtOrAfter(value + 1);
    return i < this.#starts.length && (this.#starts[i] as number) <= value;
  }

  /** How many of [from, to) are in the set. */
  countWithin(from: number, to: number): number {
    let count = 0;
    this.split(
      from,
      to,
      (a, b) => {
        count += b - a;
      },
      () => {},
    );
    return count;
  }

  /** Every interval that meets [from, to), cut to it. */
  each(from: number, to: number, visit: Visit): void {
    this.split(from, to, visit, () => {});
  }

  /** Index of the first interval with end >= value; the end of the list is tried first, as histories grow there. */
  #firstEndingAtOrAfter(value: number): number {
    const ends = this.#ends;
    const last = ends.length - 1;
    if (last < 0 || (ends[last] as number) < value) return ends.length;
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

/**
 * Half-open intervals of integers, kept sorted, disjoint and merged. Histories of millions of records are a handful of
 * intervals as long as nothing is wrong with them. Where they are many, as in a log with control records, those that have
 * not been touched for long are packed (`packed-intervals.ts`): histories grow at their end.
 */
import { PackedIntervals } from './packed-intervals.ts';
import { PlainIntervals } from './plain-intervals.ts';

/** Told of a piece [from, to). */
export type Visit = (from: number, to: number) => void;

/** Intervals to a packed block, and so many more are left as they are. */
const PACKED = 256;
const PLAIN = 256;

export class IntervalSet {
  /** In order; all of them below those that still change. */
  readonly #packed: PackedIntervals[] = [];
  #plain = new PlainIntervals();

  get bytes(): number {
    return this.#packed.reduce((sum, { bytes }) => sum + bytes, this.#plain.bytes);
  }

  /** The smallest member, or null. */
  get first(): number | null {
    return this.#packed[0]?.first ?? this.#plain.first;
  }

  /** One past the largest member; 0 when empty. */
  get end(): number {
    return this.#plain.pieces > 0 ? this.#plain.end : this.#packedEnd;
  }

  /** How many integers are in the set. */
  get size(): number {
    return this.#packed.reduce((sum, { size }) => sum + size, this.#plain.size);
  }

  get #packedEnd(): number {
    return this.#packed.at(-1)?.end ?? 0;
  }

  add(from: number, to: number): void {
    if (to <= from) return;
    if (this.#packed.length > 0 && from <= this.#packedEnd) {
      if (this.countWithin(from, to) < to - from) this.#addLate(from, to);
      return;
    }
    this.#plain.add(from, to);
    while (this.#plain.pieces >= PACKED + PLAIN) this.#packed.push(packFirst(this.#plain));
  }

  /** Every piece of [from, to) in order, told whether it is in the set. */
  split(from: number, to: number, inside: Visit, outside: Visit): void {
    let at = from;
    for (let i = this.#blockAt(from + 1); i < this.#packed.length && at < to; i++) {
      const block = this.#packed[i] as PackedIntervals;
      const end = Math.min(to, block.end);
      block.split(at, end, inside, outside);
      at = end;
    }
    if (at < to) this.#plain.split(at, to, inside, outside);
  }

  has(value: number): boolean {
    return this.countWithin(value, value + 1) === 1;
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

  /** Where there are packed intervals: those that it meets, or stands next to, are packed anew. */
  #addLate(from: number, to: number): void {
    const low = this.#blockAt(from);
    let high = low + 1;
    while (high < this.#packed.length && (this.#packed[high] as PackedIntervals).first <= to)
      high++;
    const changed = new PlainIntervals();
    const keep = (start: number, end: number): void => changed.add(start, end);
    for (const block of this.#packed.slice(low, high)) block.each(keep);
    changed.add(from, to);
    if (to >= (this.#plain.first ?? Infinity)) {
      this.#plain.forEach(keep);
      this.#plain = changed;
      this.#packed.length = low;
      return;
    }
    const blocks: PackedIntervals[] = [];
    while (changed.pieces > 2 * PACKED) blocks.push(packFirst(changed));
    this.#packed.splice(low, high - low, ...blocks, new PackedIntervals(changed));
  }

  /** Index of the first packed block with end >= value. */
  #blockAt(value: number): number {
    let low = 0;
    let high = this.#packed.length;
    if (value > this.#packedEnd) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#packed[middle] as PackedIntervals).end < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const packFirst = (intervals: PlainIntervals): PackedIntervals =>
  new PackedIntervals(intervals.takeFirst(PACKED));

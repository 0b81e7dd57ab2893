/**
 * Intervals of integers, sorted and disjoint, that change no more: each as the distance from the one before and its own
 * length, in as many groups of seven bits as they need. Two bytes where records stand between control records.
 */
import type { Visit } from './interval-set.ts';
import type { PlainIntervals } from './plain-intervals.ts';

const GROUP = 128;
/** Of the two objects, beside what they hold. */
const OBJECT_BYTES = 200;

export class PackedIntervals {
  readonly first: number;
  /** One past the largest member. */
  readonly end: number;
  /** How many integers are in them. */
  readonly size: number;
  readonly #packed: Uint8Array;

  /** Of at least one interval. */
  constructor(intervals: PlainIntervals) {
    this.first = intervals.first ?? 0;
    this.end = intervals.end;
    this.size = intervals.size;
    const groups: number[] = [];
    let before = this.first;
    intervals.forEach((start, end) => {
      pack(start - before, groups);
      pack(end - start, groups);
      before = end;
    });
    this.#packed = Uint8Array.from(groups);
  }

  get bytes(): number {
    return this.#packed.byteLength + OBJECT_BYTES;
  }

  /** Every interval in order. */
  each(visit: Visit): void {
    this.#until((start, end) => {
      visit(start, end);
      return false;
    });
  }

  /** Every piece of [from, to) in order, told whether it is in them. */
  split(from: number, to: number, inside: Visit, outside: Visit): void {
    let at = from;
    this.#until((start, end) => {
      if (end <= at) return false;
      if (start > at) outside(at, Math.min(start, to));
      if (start < to) inside(Math.max(start, at), Math.min(end, to));
      at = Math.min(end, to);
      return end >= to;
    });
    if (at < to) outside(at, to);
  }

  /** Every interval in order, until told that it is enough. */
  #until(visit: (start: number, end: number) => boolean): void {
    const packed = this.#packed;
    let start = this.first;
    let at = 0;
    const next = (): number => {
      let value = 0;
      for (let scale = 1; ; scale *= GROUP) {
        const group = packed[at++] as number;
        value += (group % GROUP) * scale;
        if (group < GROUP) return value;
      }
    };
    while (at < packed.length) {
      start += next();
      const end = start + next();
      if (visit(start, end)) return;
      start = end;
    }
  }
}

function pack(value: number, groups: number[]): void {
  let rest = value;
  while (rest >= GROUP) {
    groups.push((rest % GROUP) + GROUP);
    rest = Math.floor(rest / GROUP);
  }
  groups.push(rest);
}

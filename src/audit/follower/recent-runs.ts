/** What stood last in one partition's log, as far as it is remembered: a bounded number of runs, the newest. */

/** Records of one stream at consecutive offsets, with consecutive sequences. */
export type Run = {
  readonly offset: number;
  readonly count: number;
  readonly stream: number;
  readonly first: number;
};

export const endOf = ({ offset, count }: Run): number => offset + count;

/** The part of a run from this offset on. */
export const tailOf = ({ offset, count, stream, first }: Run, at: number): Run => {
  const skipped = Math.max(0, at - offset);
  return { offset: offset + skipped, count: count - skipped, stream, first: first + skipped };
};

export class RecentRuns {
  readonly #limit: number;
  /** By offset. */
  #runs: Run[] = [];
  #begin: number;

  /** Nothing is remembered of what lies below `begin`. */
  constructor(begin: number, limit: number) {
    this.#begin = begin;
    this.#limit = limit;
  }

  /** What lies below may have been read, and is not remembered. */
  get begin(): number {
    return this.#begin;
  }

  /** Offsets rise from call to call. */
  push(run: Run): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && continues(last, run)) {
      this.#runs[this.#runs.length - 1] = { ...last, count: last.count + run.count };
      return;
    }
    this.#runs.push(run);
    if (this.#runs.length <= this.#limit * 2) return;
    this.#runs = this.#runs.slice(-this.#limit);
    this.#begin = this.#runs[0]?.offset ?? this.#begin;
  }

  /** Forgets what stands at the offset or behind it, and returns it. */
  cut(offset: number): readonly Run[] {
    const at = this.#runs.findIndex((run) => endOf(run) > offset);
    if (at < 0) return [];
    const removed = this.#runs.splice(at);
    const straddling = removed[0] as Run;
    if (straddling.offset < offset) {
      this.#runs.push({ ...straddling, count: offset - straddling.offset });
    }
    return removed.map((run) => tailOf(run, offset));
  }

  /** Forgets everything: reading goes on at the offset. */
  restart(offset: number): void {
    this.#runs = [];
    this.#begin = offset;
  }

  /** The parts of the run that do not stand at their offsets. */
  absent(run: Run): readonly Run[] {
    const parts: Run[] = [];
    let at = run.offset;
    const until = (offset: number): void => {
      if (offset > at) parts.push({ ...tailOf(run, at), count: offset - at });
    };
    for (let i = this.#firstBehind(run.offset); i < this.#runs.length; i++) {
      const one = this.#runs[i] as Run;
      if (one.offset >= endOf(run)) break;
      if (one.stream !== run.stream || one.offset - one.first !== run.offset - run.first) continue;
      until(one.offset);
      at = endOf(one);
    }
    until(endOf(run));
    return parts;
  }

  /** Whether a record of the run stands at any offset that is remembered. Slow. */
  hasAny({ stream, first, count }: Run): boolean {
    return this.#runs.some(
      (one) => one.stream === stream && one.first < first + count && first < one.first + one.count,
    );
  }

  /** The first run that ends behind the offset. */
  #firstBehind(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.#runs[middle] as Run) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const continues = (last: Run, run: Run): boolean =>
  endOf(last) === run.offset && last.stream === run.stream && last.first + last.count === run.first;

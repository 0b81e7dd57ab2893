/**
 * One partition as the follower sees it: what was acknowledged and what stands in the log, compared as soon as both
 * are known. Bounded: of either it holds so many runs; what it had to forget it does not judge, and counts.
 *
 * - Lost: the follower passed the offset that an acknowledgement names, and the record does not stand there; it looked a
 *   second time, since the log may have become another one meanwhile.
 * - Gone: records that the follower had read are not there any more. It looks again behind every change of leadership.
 * - Hidden: acknowledged for some time, and still behind the high watermark, of which the follower has come to the end.
 */
import { endOf, RecentRuns, type Run, tailOf } from './recent-runs.ts';

/** So long an acknowledged record may stay behind the high watermark before it is told. */
const HIDDEN_US = 3_000_000;
/** So long it waits at the high watermark for what it had read behind it: a new leader learns the watermark late. */
const SHORTER_US = 5_000_000;
/** How far back it looks once more behind a change. */
const LOOK_BACK = 20_000;
/** Looks back on account of acknowledgements; a log that is another one again and again is told by the audit alone. */
const MOST_LOOKS = 200;

type Waiting = Run & { readonly timeUs: number; readonly looked: boolean };

/** Of all that are found at once, the first. */
type Lost = { readonly kind: 'lost'; readonly count: number; readonly example: Run };

export type Found =
  | Lost
  /** Runs as they were read. */
  | { readonly kind: 'gone'; readonly count: number; readonly runs: readonly Run[] }
  | { readonly kind: 'hidden' | 'shown'; readonly count: number; readonly from: number };

/** Where a partition's log begins and ends, as the last answer told. */
export type Bounds = { readonly logStart: number; readonly highWatermark: number };

export class FollowedPlace {
  readonly #limit: number;
  readonly #recent: RecentRuns;
  #position: number;
  #logStart = 0;
  #waiting: Waiting[] = [];
  /** What had been read at offsets that are being read again. */
  #former: readonly Run[] = [];
  #shorterSinceUs = -1;
  #hidden = 0;
  #nowUs = 0;
  #looks = 0;
  /** Acknowledged records that could not be compared. */
  unjudged = 0;
  /** Acknowledged records that stand where they should. */
  matched = 0;

  /** Reads from `position` on; holds about `limit` runs of what it reads, and of what was acknowledged. */
  constructor(position: number, limit: number) {
    this.#position = position;
    this.#limit = limit;
    this.#recent = new RecentRuns(position, limit);
  }

  /** Acknowledged for some time, and not visible now. */
  get hidden(): number {
    return this.#hidden;
  }

  /** Acknowledged, and not compared yet. */
  get waiting(): number {
    return countOf(this.#waiting);
  }

  /** The next offset to read. */
  get position(): number {
    return this.#position;
  }

  /** A client was told that these stand there. */
  acknowledged(run: Run, timeUs: number): void {
    if (this.#waiting.length < this.#limit) {
      this.#waiting.push({ ...run, timeUs, looked: false });
    } else {
      this.unjudged += run.count;
    }
  }

  /** They were read, at or behind the position. */
  read(run: Run): void {
    this.#recent.push(run);
  }

  /** Everything below was read. */
  passed(position: number, { logStart, highWatermark }: Bounds, nowUs: number): readonly Found[] {
    this.#position = position;
    this.#logStart = Math.max(this.#logStart, logStart);
    this.#nowUs = nowUs;
    return [
      ...this.#compareFormer(highWatermark),
      ...this.#compareWaiting(),
      ...this.#compareHidden(highWatermark),
    ];
  }

  /**
   * The partition has another leader, or the same one anew: what was read last is read again. False when nothing is
   * remembered, or being read again already.
   */
  lookAgain(): boolean {
    return this.#lookBack(this.#position - LOOK_BACK);
  }

  /** The log begins behind the position now. */
  beginsAt(offset: number): void {
    this.#logStart = offset;
    this.skipTo(offset);
  }

  /** Goes on there, and knows nothing of what lies between. */
  skipTo(offset: number): void {
    this.#position = offset;
    this.#recent.restart(offset);
    this.#former = [];
    this.#shorterSinceUs = -1;
  }

  /** The log ends there, before the position: what had been read behind its end is gone. */
  endsAt(offset: number): readonly Found[] {
    const gone = [...this.#recent.cut(offset), ...this.#former];
    this.#former = [];
    this.#shorterSinceUs = -1;
    this.#position = offset;
    return goneOf(gone.filter((run) => endOf(run) > offset).map((run) => tailOf(run, offset)));
  }

  /** Whether it asks if the log still has all that was read, and not for records. */
  get probing(): boolean {
    return this.#shorterSinceUs >= 0 && this.#nowUs - this.#shorterSinceUs >= SHORTER_US;
  }

  /** The offset to ask for. */
  get asks(): number {
    const last = this.#former.at(-1);
    return this.probing && last !== undefined ? endOf(last) : this.#position;
  }

  #lookBack(offset: number): boolean {
    if (this.#former.length > 0) return false;
    const at = Math.max(offset, this.#recent.begin, this.#logStart);
    if (at >= this.#position) return false;
    this.#former = this.#recent.cut(at);
    this.#position = at;
    return true;
  }

  #compareFormer(highWatermark: number): readonly Found[] {
    if (this.#former.length === 0) return [];
    const passed = this.#former.filter((run) => endOf(run) <= this.#position);
    this.#former = this.#former.filter((run) => endOf(run) > this.#position);
    const shorter = this.#former.length > 0 && this.#position >= highWatermark;
    if (!shorter) this.#shorterSinceUs = -1;
    else if (this.#shorterSinceUs < 0) this.#shorterSinceUs = this.#nowUs;
    const kept = passed.filter(({ offset }) => offset >= this.#logStart);
    return goneOf(kept.flatMap((run) => this.#recent.absent(run)));
  }

  #compareWaiting(): readonly Found[] {
    const passed = this.#waiting.filter((one) => endOf(one) <= this.#position);
    if (passed.length === 0) return [];
    this.#waiting = this.#waiting.filter((one) => endOf(one) > this.#position);
    const known = Math.max(this.#recent.begin, this.#logStart);
    const doubtful: Waiting[] = [];
    const lost: Lost[] = [];
    for (const one of passed) {
      const absent = one.offset < known ? null : countOf(this.#recent.absent(one));
      if (absent === null) this.unjudged += one.count;
      else if (absent === 0) this.matched += one.count;
      else if (!one.looked) doubtful.push(one);
      else lost.push(...this.#missed(one, absent));
    }
    this.#doubt(doubtful);
    const [first] = lost;
    return first === undefined ? [] : [{ ...first, count: countOf(lost) }];
  }

  /** Also at a second look. Those that stand elsewhere are no loss, whatever else they are. */
  #missed(one: Waiting, absent: number): readonly Lost[] {
    if (this.#recent.hasAny(one)) {
      this.unjudged += one.count;
      return [];
    }
    this.matched += one.count - absent;
    return [{ kind: 'lost', count: absent, example: one }];
  }

  /** They are looked at once more, when nothing else is being read again. */
  #doubt(doubtful: readonly Waiting[]): void {
    if (doubtful.length === 0) return;
    if (this.#looks >= MOST_LOOKS) {
      this.unjudged += countOf(doubtful);
      return;
    }
    const looked = this.#former.length === 0;
    this.#waiting.push(...doubtful.map((one) => ({ ...one, looked })));
    if (!looked) return;
    this.#looks += 1;
    this.#lookBack(Math.min(...doubtful.map(({ offset }) => offset)));
  }

  #compareHidden(highWatermark: number): readonly Found[] {
    if (this.#position < highWatermark) return [];
    const behind = this.#waiting.filter(
      ({ offset, timeUs }) => offset >= highWatermark && this.#nowUs - timeUs >= HIDDEN_US,
    );
    const count = countOf(behind);
    const before = this.#hidden;
    this.#hidden = count;
    if (before === 0 && count > 0) return [{ kind: 'hidden', count, from: highWatermark }];
    return before > 0 && count === 0 ? [{ kind: 'shown', count: before, from: highWatermark }] : [];
  }
}

const countOf = (runs: readonly { readonly count: number }[]): number =>
  runs.reduce((sum, { count }) => sum + count, 0);

const goneOf = (runs: readonly Run[]): readonly Found[] =>
  runs.length === 0 ? [] : [{ kind: 'gone', count: countOf(runs), runs }];

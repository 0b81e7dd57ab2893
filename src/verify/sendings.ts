/**
 * The sends of one stream that nobody has answered yet: when they were given to the client, and what was known of
 * their partition by then. As many as are in the air, and they go when they are answered. Where many are, as in an
 * outage, those that follow on each other within a second are held as one that was sent with the first of them: the
 * earlier a send, the less is held against what became of it.
 */
import type { RawEntry } from '../evidence/ledger.ts';

export type Sending = {
  readonly from: number;
  readonly to: number;
  readonly sentUs: number;
  /** The highest offset that had been acknowledged in the partition before; -1 for none. */
  readonly known: number;
};

/** So many are held one by one: more than a client has in the air unless nobody answers. */
const ONE_BY_ONE = 64;
const TOGETHER_US = 1_000_000;

/** Columns of a row: from, to, sentUs, known. */
const WIDTH = 4;
const FROM = 0;
const TO = 1;
const SENT_US = 2;
const KNOWN = 3;
const SMALLEST = 4 * WIDTH;

export class Sendings {
  #rows = new Float64Array(SMALLEST);
  /** Where the first row begins, and where the last one ends. */
  #head = 0;
  #end = 0;

  get bytes(): number {
    return this.#rows.byteLength;
  }

  begin({ first, count, timeUs }: RawEntry, known: number): void {
    const many = this.#end - this.#head >= ONE_BY_ONE * WIDTH;
    if (many && this.#followsLast(first, timeUs)) {
      this.#rows[this.#end - WIDTH + TO] = first + count;
      return;
    }
    this.#makeRoom();
    this.#write(this.#end, { from: first, to: first + count, sentUs: timeUs, known });
    this.#end += WIDTH;
  }

  /** The earliest send that the outcome answers; null when its ledger lacks it. */
  answer({ first, count }: RawEntry): Sending | null {
    const to = first + count;
    const head = this.#head;
    let found: Sending | null = null;
    for (let row = head; row < this.#end; ) {
      if ((this.#rows[row + TO] as number) <= first || (this.#rows[row + FROM] as number) >= to) {
        row += WIDTH;
        continue;
      }
      const sending = this.#read(row);
      found ??= sending;
      row = this.#cut(row, sending, first, to);
      // Nearly always the oldest one.
      if (found === sending && sending.from === first && sending.to >= to) break;
    }
    return found;
  }

  #followsLast(first: number, timeUs: number): boolean {
    const { to, sentUs } = this.#read(this.#end - WIDTH);
    return to === first && timeUs - sentUs <= TOGETHER_US;
  }

  /** Takes [first, to) out of the row; returns where to look on. */
  #cut(row: number, sending: Sending, first: number, to: number): number {
    const left = [
      { ...sending, to: Math.min(sending.to, first) },
      { ...sending, from: Math.max(sending.from, to) },
    ].filter((one) => one.from < one.to);
    if (left.length === 0 && row === this.#head) {
      this.#head += WIDTH;
      return this.#head;
    }
    const at = left.length === 2 ? this.#insert(row) : row;
    if (left.length === 0) this.#remove(at);
    left.forEach((one, i) => {
      this.#write(at + i * WIDTH, one);
    });
    return at + left.length * WIDTH;
  }

  /** Before the row; returns where that is, as rows may move. */
  #insert(row: number): number {
    const place = row - this.#head;
    this.#makeRoom();
    const at = this.#head + place;
    this.#rows.copyWithin(at + WIDTH, at, this.#end);
    this.#end += WIDTH;
    return at;
  }

  #remove(row: number): void {
    this.#rows.copyWithin(row, row + WIDTH, this.#end);
    this.#end -= WIDTH;
  }

  /** For one row more at the end. Moves all to the beginning, into more or less room, where that is due. */
  #makeRoom(): void {
    if (this.#end < this.#rows.length) return;
    const held = this.#rows.subarray(this.#head, this.#end);
    const rows = new Float64Array(Math.max(SMALLEST, 2 * held.length));
    rows.set(held);
    this.#rows = rows;
    this.#head = 0;
    this.#end = held.length;
  }

  #read(row: number): Sending {
    const rows = this.#rows;
    return {
      from: rows[row + FROM] as number,
      to: rows[row + TO] as number,
      sentUs: rows[row + SENT_US] as number,
      known: rows[row + KNOWN] as number,
    };
  }

  #write(row: number, { from, to, sentUs, known }: Sending): void {
    this.#rows[row + FROM] = from;
    this.#rows[row + TO] = to;
    this.#rows[row + SENT_US] = sentUs;
    this.#rows[row + KNOWN] = known;
  }
}

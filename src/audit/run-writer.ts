/** Turns records, in the order of one partition's log, into ledger entries: as few as runs allow. */
import type { LedgerEntry, LedgerWriter } from '../evidence/ledger.ts';

export class RunWriter {
  readonly #ledger: LedgerWriter;
  readonly #place: number;
  /** When the bytes now being looked at arrived. */
  timeUs = 0;
  #kind: 'read' | 'foreign' | 'damaged' | null = null;
  #stream = 0;
  #first = 0;
  #baseOffset = 0;
  #leaderEpoch = 0;
  #count = 0;

  constructor(ledger: LedgerWriter, place: number) {
    this.#ledger = ledger;
    this.#place = place;
  }

  /** A record of this run. */
  read(stream: number, sequence: number, offset: number, leaderEpoch: number): void {
    const continues =
      this.#kind === 'read' &&
      this.#stream === stream &&
      this.#first + this.#count === sequence &&
      this.#baseOffset + this.#count === offset &&
      this.#leaderEpoch === leaderEpoch;
    if (continues) {
      this.#count++;
      return;
    }
    this.#begin('read', offset, 1);
    this.#stream = stream;
    this.#first = sequence;
    this.#leaderEpoch = leaderEpoch;
  }

  /** Something else at [offset, offset + count). */
  other(kind: 'foreign' | 'damaged', offset: number, count: number): void {
    if (this.#kind === kind && this.#baseOffset + this.#count === offset) this.#count += count;
    else this.#begin(kind, offset, count);
  }

  /** Ends the run under way. */
  flush(): void {
    if (this.#kind !== null) this.#ledger.append(this.#entry(this.#kind));
    this.#kind = null;
  }

  #begin(kind: 'read' | 'foreign' | 'damaged', offset: number, count: number): void {
    this.flush();
    this.#kind = kind;
    this.#baseOffset = offset;
    this.#count = count;
  }

  #entry(kind: 'read' | 'foreign' | 'damaged'): LedgerEntry {
    const common = {
      place: this.#place,
      baseOffset: this.#baseOffset,
      count: this.#count,
      timeUs: this.timeUs,
    };
    return kind === 'read'
      ? {
          kind,
          ...common,
          stream: this.#stream,
          first: this.#first,
          leaderEpoch: this.#leaderEpoch,
        }
      : { kind, ...common };
  }
}

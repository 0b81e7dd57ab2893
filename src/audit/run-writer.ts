/** Turns records, in the order of one partition's log, into ledger entries: as few as runs allow. */
import type { LedgerEntry } from '../evidence/ledger.ts';

export type Isolation = 'read_uncommitted' | 'read_committed';
type Kind = 'read' | 'read-committed' | 'foreign' | 'damaged' | 'marker';

/** Where they go: a ledger, as a rule. */
type Sink = { readonly append: (entry: LedgerEntry) => void };

export class RunWriter {
  readonly #ledger: Sink;
  readonly #place: number;
  /** Reading at read_committed is a second look: of this run's records alone, the first one told all else. */
  readonly #second: boolean;
  /** When the bytes now being looked at arrived. */
  timeUs = 0;
  #kind: Kind | null = null;
  #outcome: 'acknowledged' | 'failed' = 'acknowledged';
  #stream = 0;
  #first = 0;
  #baseOffset = 0;
  #leaderEpoch = 0;
  #count = 0;

  constructor(ledger: Sink, place: number, isolation: Isolation = 'read_uncommitted') {
    this.#ledger = ledger;
    this.#place = place;
    this.#second = isolation === 'read_committed';
  }

  /** A record of this run. */
  read(stream: number, sequence: number, offset: number, leaderEpoch: number): void {
    const kind = this.#second ? 'read-committed' : 'read';
    const continues =
      this.#kind === kind &&
      this.#stream === stream &&
      this.#first + this.#count === sequence &&
      this.#baseOffset + this.#count === offset &&
      this.#leaderEpoch === leaderEpoch;
    if (continues) {
      this.#count++;
      return;
    }
    this.#begin(kind, offset, 1);
    this.#stream = stream;
    this.#first = sequence;
    this.#leaderEpoch = leaderEpoch;
  }

  /** Something else at [offset, offset + count). */
  other(kind: 'foreign' | 'damaged', offset: number, count: number): void {
    if (this.#second) return;
    if (this.#kind === kind && this.#baseOffset + this.#count === offset) this.#count += count;
    else this.#begin(kind, offset, count);
  }

  /** A control record that ends a transaction. */
  marker(end: 'commit' | 'abort', offset: number): void {
    if (this.#second) return;
    const outcome = end === 'commit' ? 'acknowledged' : 'failed';
    const continues = this.#kind === 'marker' && this.#outcome === outcome;
    if (continues && this.#baseOffset + this.#count === offset) {
      this.#count++;
      return;
    }
    this.#begin('marker', offset, 1);
    this.#outcome = outcome;
  }

  /** Ends the run under way. */
  flush(): void {
    if (this.#kind !== null) this.#ledger.append(this.#entry(this.#kind));
    this.#kind = null;
  }

  #begin(kind: Kind, offset: number, count: number): void {
    this.flush();
    this.#kind = kind;
    this.#baseOffset = offset;
    this.#count = count;
  }

  #entry(kind: Kind): LedgerEntry {
    const common = {
      place: this.#place,
      baseOffset: this.#baseOffset,
      count: this.#count,
      timeUs: this.timeUs,
    };
    if (kind === 'marker') return { kind, ...common, outcome: this.#outcome };
    if (kind === 'foreign' || kind === 'damaged') return { kind, ...common };
    const [stream, first, leaderEpoch] = [this.#stream, this.#first, this.#leaderEpoch];
    return { kind, ...common, stream, first, leaderEpoch };
  }
}

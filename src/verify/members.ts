/**
 * The members of one group on one partition: who owns it, since when, and how far each has come. An assignment begins
 * everything anew: what a member was handed before says nothing about where it goes on.
 */
import type { RawEntry } from '../evidence/ledger.ts';
import type { LeftOver } from './left-over.ts';

export type Member = {
  readonly consumer: number;
  /** Microseconds since t0; -Infinity when nobody saw it assigned. */
  readonly assignedUs: number;
  /** What the group had committed before it was assigned; null: nothing is known. */
  floor: number | null;
  /** The last offset it committed itself since then. */
  committed: number | null;
  /** One past what it was handed last since then. */
  next: number | null;
  /** The same of its assignment before. */
  readonly left: number | null;
  /** It was the last to be assigned before, too. */
  readonly again: boolean;
  /** What it was handed first, if that may be of its assignment before. */
  leftOver: LeftOver | null;
  /** False from its revocation on. */
  active: boolean;
};

export class Members {
  readonly #all = new Map<number, Member>();
  #owner: Member | null = null;
  #committed: number | null = null;
  #committedUs = -Infinity;
  #committedBefore: number | null = null;

  /** Whoever was assigned last. */
  get owner(): Member | null {
    return this.#owner;
  }

  of(consumer: number): Member {
    return this.#all.get(consumer) ?? this.#begin(consumer, null, -Infinity);
  }

  assigned({ consumer, timeUs }: RawEntry): void {
    // Not what was committed at that very microsecond, perhaps by another process.
    const floor = timeUs > this.#committedUs ? this.#committed : this.#committedBefore;
    this.#owner = this.#begin(consumer, floor, timeUs);
  }

  revoked({ consumer }: RawEntry): void {
    this.of(consumer).active = false;
  }

  committed({ consumer, baseOffset, timeUs }: RawEntry): void {
    this.of(consumer).committed = baseOffset;
    if (timeUs > this.#committedUs) {
      this.#committedBefore = this.#committed;
      this.#committedUs = timeUs;
    }
    this.#committed = baseOffset;
  }

  #begin(consumer: number, floor: number | null, assignedUs: number): Member {
    const left = this.#all.get(consumer)?.next ?? null;
    const again = this.#owner?.consumer === consumer;
    const fresh = { floor, committed: null, next: null, left, leftOver: null, active: true };
    const member = { consumer, assignedUs, again, ...fresh };
    this.#all.set(consumer, member);
    return member;
  }
}

/** Where one assigned partition is read on. */

export type Question = { readonly node: number; readonly sentMs: number };

export class Position {
  readonly partition: number;
  /** The next offset to ask for; -1 while nobody knows where to begin. */
  offset = -1;
  /** Leader epoch of the last batch before it, by which a leader knows whether its log still has that; -1 unknown. */
  epoch = -1;
  /** The question about it that is in the air; an answer to any other does not count. */
  question: Question | null = null;
  /** It is not read any more. */
  stopped = false;
  /** It was taken away, so that what is being handed over is no longer the member's to commit. */
  revoked = false;
  /** On the monotonic clock, after something went wrong. */
  notBeforeMs = 0;
  /** Attempts in a row that came to nothing. */
  failures = 0;

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Whether the node may be asked: a question that another one leaves unanswered counts no more once it leads no more. */
  ready(node: number, nowMs: number): boolean {
    if (this.offset < 0 || this.stopped || nowMs < this.notBeforeMs) return false;
    return this.question === null || this.question.node !== node;
  }

  moveTo(offset: number, epoch: number): void {
    this.offset = offset;
    this.epoch = epoch;
    this.failures = 0;
  }
}

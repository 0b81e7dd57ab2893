/** A ledger that may fail: that is told once, after it nothing is written, and the worker must not send any more. */
import type { SendResult, Slice } from '../clients/client.ts';
import type { LedgerEntry, LedgerWriter } from '../evidence/ledger.ts';
import type { LedgerEnd } from '../evidence/ledger-end.ts';
import { messageOf } from '../lib/errors.ts';
import type { LedgerSink } from './worker-body.ts';

export class FailingLedger implements LedgerSink {
  readonly #writer: LedgerWriter;
  readonly #onFailure: (message: string) => void;
  #broken = false;

  constructor(writer: LedgerWriter, onFailure: (message: string) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
  }

  get broken(): boolean {
    return this.#broken;
  }

  append(entry: LedgerEntry): void {
    this.#attempt(() => this.#writer.append(entry));
  }

  intent(stream: number, first: number, count: number, transaction: number, timeUs: number): void {
    if (this.#broken) return;
    try {
      this.#writer.intent(stream, first, count, transaction, timeUs);
    } catch (error) {
      this.#fail(error);
    }
  }

  outcome(slice: Slice, transaction: number, result: SendResult, timeUs: number): void {
    if (this.#broken) return;
    try {
      this.#writer.outcome(slice, transaction, result, timeUs);
    } catch (error) {
      this.#fail(error);
    }
  }

  flush(): void {
    this.#attempt(() => this.#writer.flush());
  }

  /** What the file holds; null when it is not whole. */
  close(): LedgerEnd | null {
    let end: LedgerEnd | null = null;
    this.#attempt(() => {
      end = this.#writer.close();
    });
    return end;
  }

  #attempt(work: () => void): void {
    if (this.#broken) return;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#broken = true;
    this.#onFailure(messageOf(error));
  }
}

/** A slice from when it is given to the client until it has its answer, and what became of every attempt to send it. */
import { kafkaError } from '../../wire/errors.ts';
import type { SendOutcome, SendResult, Slice } from '../client.ts';
import { REFUSED_BEFORE_APPEND } from '../outcome.ts';

/** Brokers look at rights before they look at anything else. */
const UNAUTHORIZED: ReadonlySet<number> = new Set([
  29, // TOPIC_AUTHORIZATION_FAILED
  31, // CLUSTER_AUTHORIZATION_FAILED
]);

export class PendingBatch {
  readonly slice: Slice;
  readonly deadlineUs: number;
  /** Within its partition, in the order of their coming. */
  readonly order: number;
  /** Of its first record; -1 before it was first sent, and for a producer without numbers. */
  sequence = -1;
  attempts = 0;
  writtenUs = -1;
  /** Some attempt may have appended it, and did not say. */
  inDoubt = false;
  /** Its answer was given; what is still on its way does not count any more. */
  answered = false;
  readonly #done: (result: SendResult) => void;

  constructor(slice: Slice, order: number, deadlineUs: number, done: (result: SendResult) => void) {
    this.slice = slice;
    this.order = order;
    this.deadlineUs = deadlineUs;
    this.#done = done;
  }

  /** An attempt was answered by the code, or ended without an answer: then it is not Kafka's. */
  attemptEnded(errorCode: number): void {
    if (!isRefusal(errorCode)) this.inDoubt = true;
  }

  acknowledge(baseOffset: number): void {
    this.#answer('acknowledged', 0, null, baseOffset);
  }

  /** Without acknowledgements, that it left is all that is ever known. */
  leave(): void {
    this.#answer('unknown', 0, null, -1);
  }

  /** No further attempt is made. */
  giveUp(errorCode: number, error: string): void {
    this.#answer(this.inDoubt ? 'unknown' : 'failed', errorCode, error, -1);
  }

  #answer(outcome: SendOutcome, errorCode: number, error: string | null, baseOffset: number): void {
    if (this.answered) return;
    this.answered = true;
    const { attempts, writtenUs } = this;
    this.#done({ outcome, errorCode, error, baseOffset, attempts, writtenUs });
  }
}

/** The broker refused before it appended anything. */
export const isRefusal = (errorCode: number): boolean =>
  REFUSED_BEFORE_APPEND.has(errorCode) || UNAUTHORIZED.has(errorCode);

/** Whether the same batch, sent again as it is, may be taken. Without an answer at all it may. */
export const mayRetry = (errorCode: number): boolean =>
  errorCode < -1 || kafkaError(errorCode).retriable;

export const OUT_OF_ORDER = 45;
export const DUPLICATE = 46;

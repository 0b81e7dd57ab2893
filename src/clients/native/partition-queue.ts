/**
 * The batches of one partition on their way: what waits, in the order it came, how much is in the air, and the numbers
 * by which an idempotent broker keeps that order.
 *
 * After an attempt that has to be made again nothing new leaves until all that is in the air is settled, so that batches
 * leave again in their order. A batch that is given up leaves a hole in the numbers, or none: nobody knows. Then the
 * partition goes on under the next epoch, from 0, once nothing of the old one is in the air; what may be in the log
 * under an old number is given up as well, since under a new one it could be written twice.
 */
import type { ProducerIdentity } from './directory.ts';
import { DUPLICATE, mayRetry, OUT_OF_ORDER, type PendingBatch } from './pending-batch.ts';

const LAST_SEQUENCE = 0x7fff_ffff;
const LAST_EPOCH = 0x7fff;

/** Whoever was fenced, or forgotten, needs a new producer id: a higher epoch of the old one is not to be had. */
const RETIRED: ReadonlySet<number> = new Set([
  47, // INVALID_PRODUCER_EPOCH
  59, // UNKNOWN_PRODUCER_ID
  90, // PRODUCER_FENCED
]);

export type Renewal = 'none' | 'epoch' | 'identity';

export type QueueOptions = {
  /** Null: not idempotent. */
  readonly identity: ProducerIdentity | null;
  readonly firstSequence: number;
  readonly retries: number;
  /** Requests of one connection. */
  readonly inFlight: number;
};

export class PartitionQueue {
  readonly partition: number;
  readonly #waiting: PendingBatch[] = [];
  readonly #retries: number;
  readonly #ordered: boolean;
  #identity: ProducerIdentity | null;
  #nextSequence: number;
  #flying = 0;
  #held = false;
  #renewal: Renewal = 'none';
  #asking = false;
  #notBeforeMs = 0;

  constructor(partition: number, { identity, firstSequence, retries, inFlight }: QueueOptions) {
    this.partition = partition;
    this.#identity = identity;
    this.#nextSequence = firstSequence;
    this.#retries = retries;
    this.#ordered = identity !== null || inFlight === 1;
  }

  get producerId(): number {
    return this.#identity?.producerId ?? -1;
  }

  get epoch(): number {
    return this.#identity?.epoch ?? -1;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** A new producer id is to be asked for; `renewed` is to be called with it. */
  get wantsIdentity(): boolean {
    return this.#renewal === 'identity' && this.#flying === 0 && !this.#asking;
  }

  add(batch: PendingBatch): void {
    this.#waiting.push(batch);
  }

  maySend(nowMs: number): boolean {
    return this.#waiting.length > 0 && !this.#held && nowMs >= this.#notBeforeMs;
  }

  /** The next batch, which is in the air from now on. */
  take(nowUs: number): PendingBatch {
    const batch = this.#waiting.shift() as PendingBatch;
    if (batch.sequence < 0 && this.#identity !== null) {
      batch.sequence = this.#nextSequence;
      this.#nextSequence = (batch.sequence + batch.slice.count) & LAST_SEQUENCE;
    }
    batch.attempts += 1;
    batch.writtenUs = nowUs;
    this.#flying += 1;
    return batch;
  }

  /** The leader changed: where order is promised, what is in the air elsewhere comes to its end first. */
  leaderChanged(): void {
    if (this.#ordered && this.#flying > 0) this.#held = true;
  }

  acknowledged(batch: PendingBatch, baseOffset: number): void {
    batch.acknowledge(baseOffset);
    this.#landed();
  }

  /** Sent, and no answer will come. */
  left(batch: PendingBatch): void {
    batch.leave();
    this.#landed();
  }

  /** An attempt ended with an error, or without an answer (-2); it is made again not before `notBeforeMs`. */
  failed(batch: PendingBatch, errorCode: number, error: string, notBeforeMs: number): void {
    batch.attemptEnded(errorCode);
    // It was appended before, who knows where.
    if (errorCode === DUPLICATE) batch.acknowledge(-1);
    if (!batch.answered) {
      if (this.#goesAgain(batch, errorCode)) this.#putBack(batch, notBeforeMs);
      else this.#giveUp(batch, errorCode, error);
    }
    this.#landed();
  }

  /** Gives up what has waited beyond its deadline. */
  expire(nowUs: number, error: string): void {
    for (let next = this.#waiting[0]; next && nowUs > next.deadlineUs; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#giveUp(next, -2, error);
    }
    if (this.#flying === 0) this.#settle();
  }

  /** The same for a batch in the air. */
  expireFlying(batch: PendingBatch, error: string): void {
    batch.inDoubt = true;
    if (!batch.answered) this.#giveUp(batch, -2, error);
  }

  asking(): void {
    this.#asking = true;
  }

  renewed(identity: ProducerIdentity): void {
    this.#asking = false;
    this.#identity = identity;
    this.#nextSequence = 0;
    this.#renewal = 'none';
    this.#held = false;
  }

  /** The question for a new producer id came to nothing; it may be asked again. */
  notRenewed(): void {
    this.#asking = false;
  }

  #goesAgain(batch: PendingBatch, errorCode: number): boolean {
    if (batch.attempts > this.#retries) return false;
    if (errorCode !== OUT_OF_ORDER) return mayRetry(errorCode);
    // It came before one that is still to be sent again, or that was given up and is in nobody's numbers any more.
    const [before] = this.#waiting;
    const behind = before !== undefined && before.sequence >= 0 && before.order < batch.order;
    return behind || this.#renewal !== 'none';
  }

  #putBack(batch: PendingBatch, notBeforeMs: number): void {
    const at = this.#waiting.findIndex(({ order }) => order > batch.order);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, batch);
    this.#notBeforeMs = notBeforeMs;
    this.#held = true;
  }

  #giveUp(batch: PendingBatch, errorCode: number, error: string): void {
    batch.giveUp(errorCode, error);
    if (this.#identity === null || batch.sequence < 0) return;
    this.#held = true;
    if (RETIRED.has(errorCode) || this.epoch >= LAST_EPOCH) this.#renewal = 'identity';
    else if (this.#renewal === 'none') this.#renewal = 'epoch';
  }

  #landed(): void {
    this.#flying -= 1;
    if (this.#flying === 0) this.#settle();
  }

  /** Nothing is in the air. */
  #settle(): void {
    if (this.#renewal === 'none') this.#held = false;
    else this.#renumber();
    if (this.#renewal !== 'epoch' || this.#identity === null) return;
    this.renewed({ ...this.#identity, epoch: this.#identity.epoch + 1 });
  }

  #renumber(): void {
    const numbered = this.#waiting.filter(({ sequence }) => sequence >= 0);
    for (const batch of numbered) {
      if (batch.inDoubt) {
        this.#waiting.splice(this.#waiting.indexOf(batch), 1);
        batch.giveUp(-2, 'an earlier batch of the partition was given up');
      } else {
        batch.sequence = -1;
      }
    }
  }
}

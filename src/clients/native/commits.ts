/** What was handed over and is not committed yet; one commit at a time. */
import { errorName } from '../../wire/errors.ts';
import type { ConsumerContext } from '../client.ts';
import type { Membership, Offset, Standing } from './membership.ts';
import { kafkasDoing } from './refusal.ts';

export class Commits {
  readonly #context: ConsumerContext;
  readonly #membership: Membership;
  readonly #onStanding: (standing: Standing) => void;
  /** By partition: the next offset after what was handed over. */
  readonly #open = new Map<number, Offset>();
  #running: Promise<void> = Promise.resolve();

  /** `onStanding`: an answer said so of the membership. */
  constructor(
    context: ConsumerContext,
    membership: Membership,
    onStanding: (standing: Standing) => void,
  ) {
    this.#context = context;
    this.#membership = membership;
    this.#onStanding = onStanding;
  }

  add(partition: number, offset: number, leaderEpoch: number): void {
    this.#open.set(partition, { offset, leaderEpoch });
  }

  /** What is open is no longer the member's to commit. */
  drop(): void {
    this.#open.clear();
  }

  /** After those before it; what could not be committed is tried again with the next. Nothing is thrown for what Kafka does. */
  commit(): Promise<void> {
    this.#running = this.#running.then(() => this.#commit());
    return this.#running;
  }

  async #commit(): Promise<void> {
    if (this.#open.size === 0) return;
    const offsets = new Map(this.#open);
    try {
      const answers = await this.#membership.commit(offsets);
      for (const [partition, errorCode] of answers) {
        if (errorCode === 0) this.#committed(partition, offsets.get(partition) as Offset);
        else this.#refused(partition, errorCode);
      }
    } catch (error) {
      this.#context.onProblem('native.commit', kafkasDoing(error));
    }
  }

  #committed(partition: number, offset: Offset): void {
    if (this.#open.get(partition) === offset) this.#open.delete(partition);
    this.#context.handlers.onCommitted(partition, offset.offset);
  }

  #refused(partition: number, errorCode: number): void {
    this.#context.onProblem('native.commit', `partition ${partition}: ${errorName(errorCode)}`);
    this.#onStanding(this.#membership.standing(errorCode));
  }
}

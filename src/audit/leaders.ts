/** Who leads each partition, remembered until somebody has reason to doubt it. */
import { pause } from '../lib/deadline.ts';
import type { Admin } from '../wire/admin.ts';
import type { Brokers } from '../wire/brokers.ts';
import { isPassing } from '../wire/brokers.ts';

const BETWEEN_LOOKS_MS = 200;

export class Leaders {
  readonly #admin: Admin;
  readonly #brokers: Brokers;
  readonly #topics: readonly string[];
  #known = new Map<string, { readonly leader: number; readonly leaderEpoch: number }>();
  #look: Promise<void> | null = null;

  constructor(admin: Admin, brokers: Brokers, topics: readonly string[]) {
    this.#admin = admin;
    this.#brokers = brokers;
    this.#topics = topics;
  }

  /** -1 when there is none, as far as is known. */
  of(topic: string, partition: number): number {
    return this.#known.get(`${topic}/${partition}`)?.leader ?? -1;
  }

  /** -1 when it is not known. */
  epochOf(topic: string, partition: number): number {
    return this.#known.get(`${topic}/${partition}`)?.leaderEpoch ?? -1;
  }

  /** Looks again, once for all who ask at the same time; nobody answering changes nothing. */
  refresh(): Promise<void> {
    this.#look ??= this.#ask().finally(() => {
      this.#look = null;
    });
    return this.#look;
  }

  async #ask(): Promise<void> {
    try {
      const { topics, brokers } = await this.#admin.metadata(this.#topics);
      this.#brokers.learn(brokers);
      this.#known = new Map(
        topics.flatMap(({ name, partitions }) =>
          partitions.map((one) => [`${name}/${one.partition}`, one] as const),
        ),
      );
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    await pause(BETWEEN_LOOKS_MS);
  }
}

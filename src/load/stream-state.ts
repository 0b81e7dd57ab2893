/** One stream in its worker: what waits, what is on its way, and the answers in the order they were sent. */
import type { ProducerClient } from '../clients/client.ts';
import type { Template } from '../payload/template.ts';
import { type Batching, dueNow, dueOfFixedSize } from './accumulator.ts';
import type { RecordQueue } from './record-queue.ts';

export type Outstanding = { readonly count: number; answered: boolean };

type Sizes = Pick<Template, 'sizeOf' | 'bytes'>;

export class StreamState {
  readonly stream: number;
  readonly partition: number;
  readonly client: ProducerClient;
  /** Everything offered and not answered: first what is on its way, then what waits. */
  readonly records: RecordQueue;
  readonly #outstanding: Outstanding[] = [];
  #onItsWay = 0;

  constructor(stream: number, partition: number, client: ProducerClient, records: RecordQueue) {
    this.stream = stream;
    this.partition = partition;
    this.client = client;
    this.records = records;
  }

  get waiting(): number {
    return this.records.length - this.#onItsWay;
  }

  /** Records given to the client whose answers are not all in. */
  get unanswered(): number {
    return this.#onItsWay;
  }

  get firstWaiting(): number {
    return this.records.first + this.#onItsWay;
  }

  /** How many records may be given to the client now. */
  due(nowUs: number, batching: Batching, sizes: Sizes): number {
    if (this.waiting === 0 || this.#outstanding.length >= this.client.maxOutstanding) return 0;
    const first = this.firstWaiting;
    const waiting = { first, count: this.waiting, offeredUs: this.records.offeredUs(first) };
    const { stream } = this;
    if (sizes.bytes !== null) return dueOfFixedSize(waiting, nowUs, batching, sizes.bytes);
    return dueNow(waiting, nowUs, batching, (sequence) => sizes.sizeOf(stream, sequence));
  }

  /** The first `count` waiting records are on their way; call `answer` with what this returns. */
  depart(count: number): Outstanding {
    const outstanding = { count, answered: false };
    this.#outstanding.push(outstanding);
    this.#onItsWay += count;
    return outstanding;
  }

  /** Answers may arrive in any order; records are forgotten oldest first. */
  answer(outstanding: Outstanding): void {
    outstanding.answered = true;
    while (this.#outstanding[0]?.answered === true) {
      const { count } = this.#outstanding.shift() as Outstanding;
      this.records.drop(count);
      this.#onItsWay -= count;
    }
  }

  /** Slices on their way whose answer never came. */
  *abandoned(): Generator<{ readonly first: number; readonly count: number }> {
    let first = this.records.first;
    for (const { count, answered } of this.#outstanding) {
      if (!answered) yield { first, count };
      first += count;
    }
  }
}

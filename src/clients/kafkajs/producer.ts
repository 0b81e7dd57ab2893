/**
 * kafkajs as a producer. One partition and one outstanding send() per (producer, partition): kafkajs 2.2.4 resolves
 * a send() that spans partitions although some of its records were never written when a broker dies on the way
 * (its responses are kept per broker across retries). `many-partitions` switches this protection off.
 *
 * An idempotent producer that gives a send up is replaced by a new one: kafkajs 2.2.4 numbers its next batch as it did
 * the one it gave up, so a broker that has that one after all takes the next for its repetition, acknowledges it and
 * drops it. `after-giving-up: reuse` switches this protection off.
 */
import type { Producer } from 'kafkajs';
import { pause } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';
import type { ProducerClient, ProducerContext, SendResult, Slice } from '../client.ts';
import { type Connection, connectKafkajs } from './connect.ts';
import { producerConfig, type Sending, Sendings } from './sending.ts';

export function createKafkajsProducer(context: ProducerContext): ProducerClient {
  return new KafkajsProducer(context);
}

/** A producer of kafkajs with its producer id and sequence numbers, if it has any. */
type Numbered = {
  readonly producer: Producer;
  readonly idempotent: boolean;
  /** An idempotent producer gets its id then. */
  connected?: Promise<void>;
  /** Calls of send() without an answer. */
  underWay: number;
};

class KafkajsProducer implements ProducerClient {
  readonly maxOutstanding = 1;
  readonly #context: ProducerContext;
  readonly #connection: Connection;
  #numbered: Numbered;
  readonly #sendings: Sendings;
  /** `many-partitions`: what the next send() will take along. */
  #gathered: Sending[] = [];
  #busy = false;

  constructor(context: ProducerContext) {
    this.#context = context;
    this.#sendings = new Sendings(context);
    this.#connection = connectKafkajs(context, (request) => this.#sendings.written(request));
    this.#numbered = this.#newProducer();
  }

  connect(): Promise<void> {
    this.#numbered.connected = this.#numbered.producer.connect();
    return this.#numbered.connected;
  }

  send(slice: Slice, done: (result: SendResult) => void): void {
    const sending = this.#sendings.add(slice, done);
    if (this.#context.sends === 'one-partition') {
      void this.#transmit([sending]);
      return;
    }
    this.#gathered.push(sending);
    if (!this.#busy && this.#gathered.length === 1) setImmediate(() => this.#sendGathered());
  }

  async close(deadlineMs: number): Promise<void> {
    await Promise.race([this.#leave(this.#numbered), pause(deadlineMs)]);
    this.#connection.destroySockets();
  }

  #sendGathered(): void {
    if (this.#busy || this.#gathered.length === 0) return;
    const sendings = this.#gathered;
    this.#gathered = [];
    this.#busy = true;
    void this.#transmit(sendings).then(() => {
      this.#busy = false;
      this.#sendGathered();
    });
  }

  #newProducer(): Numbered {
    const idempotent = this.#context.config['enable.idempotence'] === 'true';
    const config = { ...producerConfig(this.#context, this.#connection), idempotent };
    return { producer: this.#connection.kafka.producer(config), idempotent, underWay: 0 };
  }

  async #transmit(sendings: readonly Sending[]): Promise<void> {
    const numbered = this.#numbered;
    numbered.underWay++;
    const send: Producer['send'] = async (record) => {
      numbered.connected ??= numbered.producer.connect();
      await numbered.connected;
      return await numbered.producer.send(record);
    };
    await this.#sendings.transmit({ send }, sendings, () => this.#renew(numbered));
    numbered.underWay--;
    if (numbered !== this.#numbered && numbered.underWay === 0) void this.#leave(numbered);
  }

  /** What the old one has under way goes on, each in a partition of its own, and then it is left. */
  #renew(numbered: Numbered): void {
    const renews = numbered.idempotent && this.#context.afterGivingUp === 'renew';
    if (renews && numbered === this.#numbered) this.#numbered = this.#newProducer();
  }

  #leave({ producer }: Numbered): Promise<void> {
    return producer.disconnect().catch((error: unknown) => {
      this.#context.onProblem('kafkajs.disconnect', messageOf(error));
    });
  }
}

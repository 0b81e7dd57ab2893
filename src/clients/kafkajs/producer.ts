/**
 * kafkajs as a producer. One partition and one outstanding send() per (producer, partition): kafkajs 2.2.4 resolves
 * a send() that spans partitions although some of its records were never written when a broker dies on the way
 * (its responses are kept per broker across retries). `many-partitions` switches this protection off.
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

class KafkajsProducer implements ProducerClient {
  readonly maxOutstanding = 1;
  readonly #context: ProducerContext;
  readonly #connection: Connection;
  readonly #producer: Producer;
  readonly #sendings: Sendings;
  /** `many-partitions`: what the next send() will take along. */
  #gathered: Sending[] = [];
  #busy = false;

  constructor(context: ProducerContext) {
    this.#context = context;
    this.#sendings = new Sendings(context);
    this.#connection = connectKafkajs(context, (request) => this.#sendings.written(request));
    this.#producer = this.#connection.kafka.producer({
      ...producerConfig(context, this.#connection),
      idempotent: context.config['enable.idempotence'] === 'true',
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  send(slice: Slice, done: (result: SendResult) => void): void {
    const sending = this.#sendings.add(slice, done);
    if (this.#context.sends === 'one-partition') {
      void this.#sendings.transmit(this.#producer, [sending]);
      return;
    }
    this.#gathered.push(sending);
    if (!this.#busy && this.#gathered.length === 1) setImmediate(() => this.#sendGathered());
  }

  async close(deadlineMs: number): Promise<void> {
    const leaving = this.#producer.disconnect().catch((error: unknown) => {
      this.#context.onProblem('kafkajs.disconnect', messageOf(error));
    });
    await Promise.race([leaving, pause(deadlineMs)]);
    this.#connection.destroySockets();
  }

  #sendGathered(): void {
    if (this.#busy || this.#gathered.length === 0) return;
    const sendings = this.#gathered;
    this.#gathered = [];
    this.#busy = true;
    void this.#sendings.transmit(this.#producer, sendings).then(() => {
      this.#busy = false;
      this.#sendGathered();
    });
  }
}

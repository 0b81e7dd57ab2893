/**
 * kafkajs as a producer. One partition and one outstanding send() per (producer, partition): kafkajs 2.2.4 resolves
 * a send() that spans partitions although some of its records were never written when a broker dies on the way
 * (its responses are kept per broker across retries). `many-partitions` switches this protection off.
 */
import type { Kafka, Message, Producer, RecordMetadata } from 'kafkajs';
import { pause } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';
import type { ProducerClient, ProducerContext, SendResult, Slice } from '../client.ts';
import { compressionType } from './compression.ts';
import { type Connection, connectKafkajs } from './connect.ts';
import { errorCodeOf, outcomeOf } from './outcome.ts';
import { producedPartitions } from './produce-frame.ts';

/** A slice on its way, with what the sockets told about it. */
type Sending = {
  readonly slice: Slice;
  readonly done: (result: SendResult) => void;
  attempts: number;
  writtenUs: number;
};

/** What kafkajs hands to the partitioner: once for every message of every attempt. */
type DatedMessage = Message & { readonly deadlineUs: number };

/** Thrown through kafkajs from the partitioner; kafkajs retries whatever does not say `retriable: false`. */
class DeliveryTimeout extends Error {
  readonly retriable = false;
  override readonly name = 'DeliveryTimeout';
}

export function createKafkajsProducer(context: ProducerContext): ProducerClient {
  return new KafkajsProducer(context);
}

class KafkajsProducer implements ProducerClient {
  readonly maxOutstanding = 1;
  readonly #context: ProducerContext;
  readonly #connection: Connection;
  readonly #producer: Producer;
  readonly #acks: number;
  /** By partition: at most one each. */
  readonly #sending = new Map<number, Sending>();
  /** `many-partitions`: what the next send() will take along. */
  #gathered: Sending[] = [];
  #busy = false;

  constructor(context: ProducerContext) {
    this.#context = context;
    this.#acks = context.config['acks'] === 'all' ? -1 : Number(context.config['acks']);
    this.#connection = connectKafkajs(context, (request) => this.#written(request));
    this.#producer = createProducer(this.#connection.kafka, this.#connection, context);
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  send(slice: Slice, done: (result: SendResult) => void): void {
    const sending: Sending = { slice, done, attempts: 0, writtenUs: -1 };
    this.#sending.set(slice.partition, sending);
    if (this.#context.sends === 'one-partition') {
      void this.#transmit([sending]);
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
    void this.#transmit(sendings).then(() => {
      this.#busy = false;
      this.#sendGathered();
    });
  }

  async #transmit(sendings: readonly Sending[]): Promise<void> {
    const { config, topic, clock } = this.#context;
    const deadlineUs = clock.nowUs() + Number(config['delivery.timeout.ms']) * 1000;
    try {
      const answers = await this.#producer.send({
        topic,
        acks: this.#acks,
        timeout: Number(config['request.timeout.ms']),
        compression: compressionType(config['compression.type']),
        messages: sendings.flatMap(({ slice }) => this.#messages(slice, deadlineUs)),
      });
      for (const sending of sendings) this.#answer(sending, this.#acknowledged(sending, answers));
    } catch (error) {
      const alone = sendings.length === 1;
      for (const sending of sendings) this.#answer(sending, failed(sending, error, alone));
    }
  }

  #messages(slice: Slice, deadlineUs: number): DatedMessage[] {
    const { source } = this.#context;
    const { stream, partition, firstSequence, count } = slice;
    return Array.from({ length: count }, (_, i) => ({
      partition,
      deadlineUs,
      key: source.keyOf(stream, firstSequence + i),
      value: source.valueOf(stream, firstSequence + i),
      headers: source.headers,
    }));
  }

  #acknowledged(sending: Sending, answers: readonly RecordMetadata[]): SendResult {
    const offsets = answers
      .filter(({ partition }) => partition === sending.slice.partition)
      .map(({ baseOffset }) => Number(baseOffset ?? -1));
    return {
      // Without an answer from the broker, kafkajs's success says only that the bytes left.
      outcome: this.#acks === 0 ? 'unknown' : 'acknowledged',
      errorCode: 0,
      error: null,
      baseOffset: new Set(offsets).size === 1 ? (offsets[0] as number) : -1,
      attempts: sending.attempts,
      writtenUs: sending.writtenUs,
    };
  }

  #answer(sending: Sending, result: SendResult): void {
    this.#sending.delete(sending.slice.partition);
    sending.done(result);
  }

  #written(request: Buffer): void {
    for (const partition of producedPartitions(request, this.#context.topic)) {
      const sending = this.#sending.get(partition);
      if (sending === undefined) continue;
      sending.attempts += 1;
      sending.writtenUs = this.#context.clock.nowUs();
    }
  }
}

function failed({ attempts, writtenUs }: Sending, error: unknown, alone: boolean): SendResult {
  const errorCode = errorCodeOf(error);
  return {
    outcome: outcomeOf(errorCode, attempts, alone),
    errorCode,
    error: messageOf(error),
    baseOffset: -1,
    attempts,
    writtenUs,
  };
}

function createProducer(kafka: Kafka, { retry }: Connection, context: ProducerContext): Producer {
  const { config, clock } = context;
  const idempotent = config['enable.idempotence'] === 'true';
  return kafka.producer({
    allowAutoTopicCreation: false,
    idempotent,
    maxInFlightRequests: Number(config['max.in.flight.requests.per.connection']),
    metadataMaxAge: Number(config['metadata.max.age.ms']),
    // Less than MAX_SAFE_INTEGER makes kafkajs warn about idempotence; the deadline ends both.
    retry: { ...retry, retries: Math.max(Number(config['retries']), 0) },
    createPartitioner: () => (args) => {
      const { deadlineUs, partition } = args.message as DatedMessage;
      if (clock.nowUs() > deadlineUs) {
        throw new DeliveryTimeout(`not delivered within ${config['delivery.timeout.ms']} ms`);
      }
      return partition as number;
    },
  });
}

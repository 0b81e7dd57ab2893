/**
 * Sends through kafkajs, in a transaction or not: slices become messages with a deadline, and the sockets tell how
 * often, and when last, each was handed over. At most one slice of a partition is on its way.
 */
import type { Message, Producer, ProducerConfig, RecordMetadata } from 'kafkajs';
import { messageOf } from '../../lib/errors.ts';
import type { ClientContext, PayloadSource, SendResult, Slice } from '../client.ts';
import { compressionType } from './compression.ts';
import type { Connection } from './connect.ts';
import { errorCodeOf, outcomeOf } from './outcome.ts';
import { producedPartitions } from './produce-frame.ts';

/** A slice on its way, with what the sockets told about it. */
export type Sending = {
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

export class Sendings {
  readonly #context: ClientContext & { readonly source: PayloadSource };
  readonly #acks: number;
  /** By partition: at most one each. */
  readonly #sending = new Map<number, Sending>();

  constructor(context: ClientContext & { readonly source: PayloadSource }) {
    this.#context = context;
    this.#acks = context.config['acks'] === 'all' ? -1 : Number(context.config['acks']);
  }

  add(slice: Slice, done: (result: SendResult) => void): Sending {
    const sending: Sending = { slice, done, attempts: 0, writtenUs: -1 };
    this.#sending.set(slice.partition, sending);
    return sending;
  }

  /**
   * One send() of kafkajs; every slice has its answer when this resolves. `onFailure` is called before the first
   * answer is given, since whoever gets it may send again at once.
   */
  async transmit(
    producer: Pick<Producer, 'send'>,
    sendings: readonly Sending[],
    onFailure: () => void = () => {},
  ): Promise<void> {
    const { config, topic, clock } = this.#context;
    const deadlineUs = clock.nowUs() + Number(config['delivery.timeout.ms']) * 1000;
    try {
      const answers = await producer.send({
        topic,
        acks: this.#acks,
        timeout: Number(config['request.timeout.ms']),
        compression: compressionType(config['compression.type']),
        messages: sendings.flatMap(({ slice }) => this.#messages(slice, deadlineUs)),
      });
      for (const sending of sendings) this.#answer(sending, this.#acknowledged(sending, answers));
    } catch (error) {
      onFailure();
      const alone = sendings.length === 1;
      for (const sending of sendings) this.#answer(sending, failed(sending, error, alone));
    }
  }

  /** To be told of every request that is handed to a socket. */
  written(request: Buffer): void {
    for (const partition of producedPartitions(request, this.#context.topic)) {
      const sending = this.#sending.get(partition);
      if (sending === undefined) continue;
      sending.attempts += 1;
      sending.writtenUs = this.#context.clock.nowUs();
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

/** kafkajs's settings of a producer that sends through `Sendings`. */
export function producerConfig(
  { config, clock }: ClientContext,
  { retry }: Connection,
): ProducerConfig {
  return {
    allowAutoTopicCreation: false,
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
  };
}

/**
 * kafkajs as a transactional producer. An instance serves as long as everything goes well. After any send that was not
 * acknowledged, and after any end but a clean one, it is retired: kafkajs rewinds its sequence numbers when a send
 * fails, so the broker would take what comes next for a repetition, and a commit of unknown outcome may still be on
 * its way. The next instance has the same transactional id, so that Kafka fences the old one and ends what it left.
 */
import type { Producer, Transaction } from 'kafkajs';
import { pause } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';
import type {
  EndResult,
  SendResult,
  Slice,
  TransactionalContext,
  TransactionalProducerClient,
} from '../client.ts';
import { type Connection, connectKafkajs } from './connect.ts';
import { errorCodeOf } from './outcome.ts';
import { producerConfig, Sendings } from './sending.ts';
import { endOutcomeOf, isEndTxn, isHopeless } from './transaction-outcome.ts';

/** A cluster that has just started makes its log of transactions first. */
const CONNECT_MS = 45_000;
const AGAIN_MS = 200;
/** kafkajs complains of every transaction that begins before the markers of the last one are written, and waits. */
const STILL_ENDING = 'another concurrent operation on the same transaction';

export const createKafkajsTransactionalProducer = (
  context: TransactionalContext,
): TransactionalProducerClient => new KafkajsTransactionalProducer(context);

type Instance = { readonly connection: Connection; readonly producer: Producer };

export class KafkajsTransactionalProducer implements TransactionalProducerClient {
  readonly maxOutstanding = 1;
  readonly #context: TransactionalContext;
  readonly #sendings: Sendings;
  #instance: Instance | null = null;
  #transaction: Transaction | null = null;
  /** The instance must not be used for another transaction. */
  #tainted = false;
  #endsWritten = 0;
  #closed = false;

  constructor(context: TransactionalContext) {
    this.#context = context;
    this.#sendings = new Sendings(context);
  }

  /** Opens the first transaction, so that what cannot work fails before the traffic. */
  async connect(): Promise<void> {
    const end = performance.now() + CONNECT_MS;
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        this.#retire();
        if (isHopeless(errorCodeOf(error)) || performance.now() >= end) throw error;
        await pause(AGAIN_MS);
      }
    }
  }

  async begin(): Promise<boolean> {
    while (!this.#closed) {
      try {
        if (this.#transaction === null) await this.#open();
        return !this.#closed;
      } catch (error) {
        this.#retire();
        if (this.#closed) break;
        this.#context.onProblem('kafkajs.begin', messageOf(error));
        await pause(AGAIN_MS);
      }
    }
    return false;
  }

  send(slice: Slice, done: (result: SendResult) => void): void {
    if (this.#transaction === null) throw new Error('a send outside of any transaction');
    const sending = this.#sendings.add(slice, (result) => {
      if (result.outcome !== 'acknowledged') this.#tainted = true;
      done(result);
    });
    void this.#sendings.transmit(this.#transaction, [sending]);
  }

  /** False: it was not accepted, and the transaction can only be aborted. */
  async sendOffset(
    group: string,
    topic: string,
    partition: number,
    next: number,
  ): Promise<boolean> {
    if (this.#transaction === null) throw new Error('an offset outside of any transaction');
    try {
      await this.#transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
      });
      return true;
    } catch (error) {
      this.#tainted = true;
      this.#context.onProblem('kafkajs.offsets', messageOf(error));
      return false;
    }
  }

  commit(): Promise<EndResult> {
    return this.#end('commit');
  }

  abort(): Promise<EndResult> {
    return this.#end('abort');
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    const instance = this.#instance;
    if (instance === null) return;
    const leaving = instance.producer.disconnect().catch((error: unknown) => {
      this.#context.onProblem('kafkajs.disconnect', messageOf(error));
    });
    await Promise.race([leaving, pause(deadlineMs)]);
    instance.connection.destroySockets();
  }

  async #open(): Promise<void> {
    if (this.#instance === null) {
      this.#instance = this.#create();
      await this.#instance.producer.connect();
    }
    this.#transaction = await this.#instance.producer.transaction();
  }

  #create(): Instance {
    const { config, transactionalId } = this.#context;
    const { onProblem } = this.#context;
    const context: TransactionalContext = {
      ...this.#context,
      onProblem: (code, message) => {
        if (!message.includes(STILL_ENDING)) onProblem(code, message);
      },
    };
    const connection = connectKafkajs(context, (request) => {
      if (isEndTxn(request)) this.#endsWritten += 1;
      this.#sendings.written(request);
    });
    const producer = connection.kafka.producer({
      ...producerConfig(this.#context, connection),
      transactionalId,
      transactionTimeout: Number(config['transaction.timeout.ms']),
    });
    return { connection, producer };
  }

  async #end(end: 'commit' | 'abort'): Promise<EndResult> {
    const transaction = this.#transaction;
    if (transaction === null) throw new Error(`a ${end} outside of any transaction`);
    this.#transaction = null;
    this.#endsWritten = 0;
    try {
      await transaction[end]();
      if (this.#tainted) this.#retire();
      return { outcome: end === 'commit' ? 'acknowledged' : 'failed', errorCode: 0, error: null };
    } catch (error) {
      const errorCode = errorCodeOf(error);
      const outcome = endOutcomeOf(end, errorCode, this.#endsWritten);
      this.#retire();
      return { outcome, errorCode, error: messageOf(error) };
    }
  }

  /** Its sockets are cut, so that it says nothing any more. */
  #retire(): void {
    const instance = this.#instance;
    this.#instance = null;
    this.#transaction = null;
    this.#tainted = false;
    if (instance === null) return;
    instance.connection.destroySockets();
    instance.producer.disconnect().catch((error: unknown) => {
      this.#context.onProblem('kafkajs.disconnect', messageOf(error));
    });
  }
}

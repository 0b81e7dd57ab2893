/**
 * kafkajs as a member of a consumer group, at least once: records are handed over first and committed afterwards,
 * every `auto.commit.interval.ms`, or after every batch with `enable.auto.commit: false`. kafkajs revokes everything
 * when its group rebalances. When it gives up for good it is started again, as a supervisor would.
 */
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { pause } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';
import type { ConsumedBatch, ConsumerClient, ConsumerContext } from '../client.ts';
import { partsOf } from '../parts.ts';
import { type Connection, connectKafkajs } from './connect.ts';
import { createMember } from './group-member.ts';

const RESTART_MS = 1000;
/** How often a commit that failed is tried again when every batch is committed by itself. */
const RECOMMIT_MS = 1000;

export function createKafkajsConsumer(context: ConsumerContext): ConsumerClient {
  return new KafkajsConsumer(context);
}

class KafkajsConsumer implements ConsumerClient {
  readonly #context: ConsumerContext;
  readonly #connection: Connection;
  readonly #commitEveryMs: number;
  #consumer: Consumer | null = null;
  #assigned: readonly number[] = [];
  /** Counts what was taken from it, so that a batch can tell. */
  #membership = 0;
  /** By partition: the next offset after what was handed over and not committed yet. */
  readonly #uncommitted = new Map<number, number>();
  #committing: Promise<void> = Promise.resolve();
  /** One attempt, in the current generation: kafkajs's own retries could commit for a later one. */
  #commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;
  /** What is in hand comes to its end, and nothing more is handed over. */
  #leaving = false;

  constructor(context: ConsumerContext) {
    this.#context = context;
    this.#connection = connectKafkajs(context);
    this.#commitEveryMs =
      context.config['enable.auto.commit'] === 'true'
        ? Number(context.config['auto.commit.interval.ms'])
        : 0;
  }

  async start(): Promise<void> {
    let onJoined = (): void => {};
    const joined = new Promise<void>((resolve) => {
      onJoined = resolve;
    });
    await this.#run(onJoined);
    this.#timer = setInterval(() => void this.#commit(), this.#commitEveryMs || RECOMMIT_MS);
    await joined;
  }

  async rejoin(): Promise<void> {
    if (this.#closing) return;
    await this.#leave();
    this.#revoke();
    if (this.#closing) return;
    try {
      await this.#run(() => {});
    } catch (error) {
      this.#context.onProblem('kafkajs.rejoin', messageOf(error));
      void this.#restart(() => {});
    }
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await Promise.race([this.#leave(), pause(deadlineMs)]);
    this.#revoke();
    this.#connection.destroySockets();
  }

  async #leave(): Promise<void> {
    this.#leaving = true;
    try {
      await this.#commit();
      await this.#consumer?.disconnect();
    } catch (error) {
      this.#context.onProblem('kafkajs.disconnect', messageOf(error));
    }
  }

  async #run(onJoined: () => void): Promise<void> {
    const { topic, config } = this.#context;
    const consumer = createMember(this.#connection, this.#context);
    this.#consumer = consumer;
    this.#leaving = false;
    this.#listen(consumer, onJoined);
    await consumer.connect();
    await consumer.subscribe({
      topics: [topic],
      fromBeginning: config['auto.offset.reset'] === 'earliest',
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#handOver(payload),
    });
  }

  #listen(consumer: Consumer, onJoined: () => void): void {
    const { topic, handlers, onProblem } = this.#context;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#revoke();
      this.#assigned = payload.memberAssignment[topic] ?? [];
      handlers.onAssigned(this.#assigned);
      onJoined();
    });
    consumer.on(consumer.events.REBALANCING, () => {
      void this.#commitNow();
      this.#revoke();
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      // What held only markers or aborted records is handed to nobody, and the group has passed it all the same.
      const { partition, batchSize, lastOffset } = payload;
      if (batchSize === 0 && payload.topic === topic) {
        this.#uncommitted.set(partition, Number(lastOffset) + 1);
      }
    });
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { partitions } of payload.topics) {
        for (const { partition, offset } of partitions) {
          handlers.onCommitted(Number(partition), Number(offset));
        }
      }
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#commitOnce = null;
      this.#revoke();
      onProblem('kafkajs.crash', payload.error.message);
      if (!payload.restart && !this.#closing) void this.#restart(onJoined);
    });
  }

  async #restart(onJoined: () => void): Promise<void> {
    await pause(RESTART_MS);
    if (this.#closing) return;
    try {
      await this.#run(onJoined);
    } catch (error) {
      this.#context.onProblem('kafkajs.restart', messageOf(error));
      await this.#restart(onJoined);
    }
  }

  async #handOver(payload: EachBatchPayload): Promise<void> {
    const { batch, commitOffsetsIfNecessary, resolveOffset } = payload;
    const { messages, partition } = batch;
    const handed: ConsumedBatch = {
      partition,
      count: messages.length,
      offsetAt: (i) => Number(messages[i]?.offset),
      valueAt: (i) => messages[i]?.value ?? null,
    };
    const membership = this.#membership;
    const { recordsAtOnce = handed.count, handlers } = this.#context;
    let left = handed.count;
    for (const part of partsOf(handed, recordsAtOnce)) {
      await handlers.onBatch(part);
      left -= part.count;
      // What was taken from it meanwhile is no longer its to commit.
      if (membership !== this.#membership) break;
      this.#commitOnce = commitOffsetsIfNecessary;
      const last = left > 0 ? part.offsetAt(part.count - 1) : Number(batch.lastOffset());
      this.#uncommitted.set(partition, last + 1);
      if (this.#commitEveryMs === 0 || this.#leaving) await this.#commit();
      if (this.#leaving) break;
    }
    // Otherwise kafkajs would read on behind what nobody was handed, should it be a member again by now.
    if (left === 0) resolveOffset(batch.lastOffset());
  }

  /** One commit at a time; what could not be committed is tried again with the next. */
  #commit(): Promise<void> {
    this.#committing = this.#committing.then(() => this.#commitNow());
    return this.#committing;
  }

  async #commitNow(): Promise<void> {
    const offsets = [...this.#uncommitted];
    if (offsets.length === 0 || this.#commitOnce === null) return;
    const { topic, onProblem } = this.#context;
    const partitions = offsets.map(([partition, offset]) => ({
      partition,
      offset: String(offset),
    }));
    try {
      await this.#commitOnce({ topics: [{ topic, partitions }] });
      for (const [partition, offset] of offsets) {
        if (this.#uncommitted.get(partition) === offset) this.#uncommitted.delete(partition);
      }
    } catch (error) {
      onProblem('kafkajs.commit', messageOf(error));
    }
  }

  #revoke(): void {
    if (this.#assigned.length > 0) this.#context.handlers.onRevoked(this.#assigned);
    this.#assigned = [];
    this.#membership += 1;
    this.#uncommitted.clear();
  }
}

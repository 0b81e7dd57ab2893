/**
 * kafkajs as a relay: a member of a group whose input partitions are worked off in transactions, each partition by a
 * producer of its own. Whoever is assigned a partition first takes over its transactional id: that fences the member
 * that had it, and ends what it left open. Only then the committed offset is asked for, and reading begins there;
 * kafkajs asks for it before, when a transaction of the other member may not have ended.
 */
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import { pause } from '../../lib/deadline.ts';
import { messageOf } from '../../lib/errors.ts';
import type { ConsumedBatch, RelayClient, RelayContext, RelayOutput } from '../client.ts';
import { type Connection, connectKafkajs } from './connect.ts';
import { createMember } from './group-member.ts';
import { TRANSACTIONAL_SETTINGS } from './settings.ts';
import { KafkajsTransactionalProducer } from './transactional-producer.ts';

const RESTART_MS = 1000;
const AGAIN_MS = 200;
/** Partitions that one member works off at the same time. */
const LANES_AT_ONCE = 16;

export const createKafkajsRelay = (context: RelayContext): RelayClient => new KafkajsRelay(context);

/** One input partition, from its assignment to its revocation. */
type Lane = {
  readonly partition: number;
  readonly output: RelayOutput;
  /** Ends what an earlier transaction left open, and resolves to where reading begins then; null when the lane was closed. */
  readonly settle: () => Promise<number | null>;
  position: Promise<number | null>;
  /** What lies before it has been worked off; null until reading was sent to the position. */
  next: number | null;
  readonly close: () => Promise<void>;
};

class KafkajsRelay implements RelayClient {
  readonly #context: RelayContext;
  readonly #connection: Connection;
  readonly #admin: Admin;
  #consumer: Consumer | null = null;
  #lanes = new Map<number, Lane>();
  #closing = false;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#connection = connectKafkajs(context);
    this.#admin = this.#connection.kafka.admin();
  }

  async start(): Promise<void> {
    await this.#admin.connect();
    await new Promise<void>((resolve, reject) => {
      this.#run(resolve).catch(reject);
    });
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    const leaving = (async (): Promise<void> => {
      await this.#consumer?.disconnect();
      await this.#admin.disconnect();
    })().catch((error: unknown) => this.#complain('disconnect', error));
    await Promise.race([leaving, pause(deadlineMs)]);
    this.#revoke();
    this.#connection.destroySockets();
  }

  async rejoin(): Promise<void> {
    if (this.#closing) return;
    await this.#consumer?.disconnect().catch((error: unknown) => this.#complain('leave', error));
    this.#revoke();
    if (this.#closing) return;
    try {
      await this.#run(() => {});
    } catch (error) {
      this.#complain('rejoin', error);
      void this.#restart(() => {});
    }
  }

  async #run(onJoined: () => void): Promise<void> {
    const { topic, config } = this.#context;
    const consumer = createMember(this.#connection, this.#context);
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#revoke();
      this.#assign(payload.memberAssignment[topic] ?? []);
      onJoined();
    });
    consumer.on(consumer.events.REBALANCING, () => this.#revoke());
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#revoke();
      this.#complain('crash', payload.error);
      if (!payload.restart && !this.#closing) void this.#restart(onJoined);
    });
    await consumer.connect();
    await consumer.subscribe({
      topics: [topic],
      fromBeginning: config['auto.offset.reset'] === 'earliest',
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: LANES_AT_ONCE,
      eachBatch: (payload) => this.#work(payload),
    });
  }

  async #restart(onJoined: () => void): Promise<void> {
    await pause(RESTART_MS);
    if (this.#closing) return;
    try {
      await this.#run(onJoined);
    } catch (error) {
      this.#complain('restart', error);
      await this.#restart(onJoined);
    }
  }

  async #work({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const lane = this.#lanes.get(batch.partition);
    const position = (await lane?.position) ?? null;
    if (lane === undefined || position === null || this.#lanes.get(batch.partition) !== lane) {
      return;
    }
    if (lane.next === null) {
      lane.next = Math.max(position, 0);
      this.#begin(lane.partition, position);
      return;
    }
    if (isStale()) return;
    const handed = after(batch, lane.next);
    const done =
      handed.count === 0 ? 'done' : await this.#context.handlers.onBatch(handed, lane.output);
    if (done === 'done') {
      lane.next = Math.max(lane.next, Number(batch.lastOffset()) + 1);
      resolveOffset(batch.lastOffset());
    } else {
      // Nothing counts that was read since the last commit, and what became of that is settled first.
      lane.next = null;
      lane.position = lane.settle();
    }
    await heartbeat();
  }

  #begin(partition: number, position: number): void {
    const { topic, handlers } = this.#context;
    if (position >= 0) handlers.onCommitted(partition, position);
    // -2: the beginning, for a group that has committed nothing there.
    this.#consumer?.seek({ topic, partition, offset: String(position < 0 ? -2 : position) });
  }

  #assign(partitions: readonly number[]): void {
    for (const partition of partitions) this.#lanes.set(partition, this.#createLane(partition));
    this.#context.handlers.onAssigned(partitions);
  }

  #revoke(): void {
    const lanes = [...this.#lanes.values()];
    this.#lanes = new Map();
    for (const lane of lanes) void lane.close();
    if (lanes.length > 0) {
      this.#context.handlers.onRevoked(lanes.map(({ partition }) => partition));
    }
  }

  #createLane(partition: number): Lane {
    const { group, topic, to, source, transactionalIdOf } = this.#context;
    const producer = new KafkajsTransactionalProducer({
      ...this.#context,
      topic: to,
      source,
      clientId: `${this.#context.clientId}-${partition}`,
      config: { ...PRODUCER_DEFAULTS, ...this.#context.config },
      transactionalId: transactionalIdOf(partition),
    });
    let open = true;
    const settle = async (): Promise<number | null> => {
      if (!(await producer.begin())) return null;
      return this.#committed(partition, () => open);
    };
    return {
      ...{ partition, settle, position: settle(), next: null },
      output: {
        maxOutstanding: producer.maxOutstanding,
        connect: () => producer.connect(),
        begin: () => producer.begin(),
        send: (slice, done) => producer.send(slice, done),
        sendOffset: (next) => producer.sendOffset(group, topic, partition, next),
        commit: () => producer.commit(),
        abort: () => producer.abort(),
        close: (deadlineMs) => producer.close(deadlineMs),
      },
      close: async () => {
        open = false;
        await producer.close(RESTART_MS);
      },
    };
  }

  /** The group's committed offset, -1 for none; asked until somebody answers. */
  async #committed(partition: number, wanted: () => boolean): Promise<number | null> {
    const { group: groupId, topic } = this.#context;
    while (wanted() && !this.#closing) {
      try {
        const [found] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
        const offset = found?.partitions.find((one) => one.partition === partition)?.offset;
        return Number(offset ?? -1);
      } catch (error) {
        this.#complain('offsets', error);
        await pause(AGAIN_MS);
      }
    }
    return null;
  }

  #complain(what: string, error: unknown): void {
    this.#context.onProblem(`kafkajs.${what}`, messageOf(error));
  }
}

/**
 * What lies at `next` or behind it. kafkajs hands records over twice when a leadership moves, within one assignment (see
 * ARCHITECTURE.md), and whoever takes it at its word works them off twice.
 */
function after({ messages, partition }: EachBatchPayload['batch'], next: number): ConsumedBatch {
  const due = messages.filter(({ offset }) => Number(offset) >= next);
  return {
    partition,
    count: due.length,
    offsetAt: (i) => Number(due[i]?.offset),
    valueAt: (i) => due[i]?.value ?? null,
  };
}

const PRODUCER_DEFAULTS = Object.fromEntries(
  Object.entries(TRANSACTIONAL_SETTINGS).map(([name, { fallback }]) => [name, fallback]),
);

/**
 * Who leads each partition of the topic and where that broker is, over a connection of its own: what the directory asks
 * never waits behind records. It looks again when told to, at most every `retry.backoff.ms`, and by itself when what it
 * knows is older than `metadata.max.age.ms`.
 */
import type { Address } from '../../lib/address.ts';
import { pause } from '../../lib/deadline.ts';
import { environmentError, messageOf, OrdealError } from '../../lib/errors.ts';
import type { Api } from '../../wire/api.ts';
import { initProducerId } from '../../wire/apis/init-producer-id.ts';
import { metadata } from '../../wire/apis/metadata.ts';
import { isPassing } from '../../wire/brokers.ts';
import { type Connection, openConnection } from '../../wire/connection.ts';
import { errorName, kafkaError } from '../../wire/errors.ts';
import type { ClientContext } from '../client.ts';

/** A cluster that has just started, or made the topic, may need so long. */
const CONNECT_MS = 45_000;
/** Who does not answer within this is left for another broker, which may know as much. */
const PATIENCE_MS = 2000;

export type Leader = { readonly id: number; readonly epoch: number };

export type ProducerIdentity = { readonly producerId: number; readonly epoch: number };

export class Directory {
  readonly #context: ClientContext;
  readonly #onChange: () => void;
  readonly #backoffMs: number;
  readonly #nodes = new Map<number, Address>();
  readonly #leaders = new Map<number, Leader>();
  /** A topic that was made anew counts its epochs anew. */
  #topicId = '';
  #connection: Connection | null = null;
  /** Which of the known addresses is asked next. */
  #turn = 0;
  #refreshing: Promise<void> | null = null;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `onChange`: what it knows may have changed. */
  constructor(context: ClientContext, onChange: () => void) {
    this.#context = context;
    this.#onChange = onChange;
    this.#backoffMs = Number(context.config['retry.backoff.ms']);
  }

  /** As brokers name it; empty before they were asked. */
  get topicId(): string {
    return this.#topicId;
  }

  get partitions(): number {
    return this.#leaders.size;
  }

  /** Undefined while nobody leads, as far as is known. */
  leaderOf(partition: number): Leader | undefined {
    const leader = this.#leaders.get(partition);
    return leader === undefined || leader.id < 0 ? undefined : leader;
  }

  addressOf(node: number): Address | undefined {
    return this.#nodes.get(node);
  }

  /** A broker said who leads now (KIP-951); older news than what is known is ignored, and is none. */
  hint(partition: number, id: number, epoch: number): boolean {
    const known = this.#leaders.get(partition);
    if (known !== undefined && known.epoch >= epoch) return false;
    this.#leaders.set(partition, { id, epoch });
    this.#onChange();
    return true;
  }

  /** Where brokers are, as another one says beside a hint. */
  learn(
    nodes: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[],
  ): void {
    for (const { nodeId, host, port } of nodes) this.#nodes.set(nodeId, { host, port });
  }

  /** How many partitions each of the topics has, as far as brokers know it. */
  async countPartitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const answer = await this.ask(metadata, { topics: topics.map((name) => ({ name })) });
    return new Map(
      answer.topics.flatMap(({ name, errorCode, partitions }) =>
        errorCode === 0 && name !== null ? [[name, partitions.length] as const] : [],
      ),
    );
  }

  /** Resolves when every partition has a leader; rejects with what went wrong last. */
  async connect(): Promise<void> {
    await this.#until('the leaders of its partitions', async () => {
      await this.#look();
      return [...this.#leaders.values()].every(({ id }) => id >= 0);
    });
  }

  /** A number that no producer had before. */
  async newIdentity(): Promise<ProducerIdentity> {
    let identity: ProducerIdentity = { producerId: -1, epoch: -1 };
    await this.#until('a producer id', async () => {
      const { errorCode, producerId, producerEpoch } = await this.ask(initProducerId, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      });
      if (errorCode !== 0 && !kafkaError(errorCode).retriable) throw new Refusal(errorCode);
      identity = { producerId, epoch: producerEpoch };
      return errorCode === 0;
    });
    return identity;
  }

  /** Soon, and never twice at once. */
  refresh(): void {
    if (this.#closed) return;
    this.#refreshing ??= this.#refreshSoon().finally(() => {
      this.#refreshing = null;
    });
  }

  refreshIfOlderThan(ms: number): void {
    if (performance.now() - this.#refreshedAt > ms) this.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  async #refreshSoon(): Promise<void> {
    const wait = this.#refreshedAt + this.#backoffMs - performance.now();
    if (wait > 0) await pause(wait);
    if (this.#closed) return;
    try {
      await this.#look();
    } catch (error) {
      this.#refreshedAt = performance.now();
      if (!this.#closed) this.#context.onProblem('native.metadata', messageOf(error));
    }
  }

  async #look(): Promise<void> {
    const { topic } = this.#context;
    const answer = await this.ask(metadata, { topics: [{ name: topic }] });
    this.#refreshedAt = performance.now();
    this.#nodes.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port });
    const [found] = answer.topics;
    if (found === undefined || found.errorCode !== 0) throw new Refusal(found?.errorCode ?? -1);
    if (found.topicId !== this.#topicId) this.#leaders.clear();
    this.#topicId = found.topicId;
    for (const { partition, leader, leaderEpoch } of found.partitions) {
      const known = this.#leaders.get(partition);
      // Brokers learn of elections one after the other; who is behind must not take us back.
      if (known !== undefined && known.epoch > leaderEpoch && known.id >= 0) continue;
      this.#leaders.set(partition, { id: leader, epoch: leaderEpoch });
    }
    this.#onChange();
  }

  /** Tries until `attempt` says true. What is not passing is thrown at once; so is the last error in the end. */
  async #until(what: string, attempt: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + CONNECT_MS;
    let last: unknown = null;
    while (!this.#closed) {
      try {
        if (await attempt()) return;
      } catch (error) {
        if (isHopeless(error)) throw error;
        last = error;
      }
      if (performance.now() >= end) break;
      await pause(this.#backoffMs);
    }
    const why = last === null ? '' : `: ${messageOf(last)}`;
    throw environmentError(
      'kafka.unreachable',
      `topic ${this.#context.topic}: ${what} was not to be had${why}`,
      last === null ? {} : { cause: last },
    );
  }

  /** Asks any broker. Rejects as connections do. */
  async ask<Q, S, QI>(api: Api<Q, S, QI, never>, request: QI): Promise<S> {
    const timeoutMs = Math.min(PATIENCE_MS, Number(this.#context.config['request.timeout.ms']));
    const connection = await this.#connected();
    try {
      return await connection.send(api, request, { timeoutMs });
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** One address after the other, as long as none answers; those of brokers that are known first. */
  async #connected(): Promise<Connection> {
    if (this.#connection !== null && !this.#connection.closed) return this.#connection;
    const { bootstrap, route, connection, config, clientId } = this.#context;
    const addresses = [...this.#nodes.values(), ...bootstrap];
    const { host, port } = addresses[this.#turn++ % addresses.length] as Address;
    const opened = await openConnection(route(host, port), {
      ...{ connection, clientId, provenHost: host },
      timeoutMs: Math.min(PATIENCE_MS, Number(config['socket.connection.setup.timeout.ms'])),
    });
    if (this.#closed) opened.close();
    this.#connection = opened;
    return opened;
  }
}

class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errorCode: number;

  constructor(errorCode: number) {
    super(errorName(errorCode));
    this.errorCode = errorCode;
  }
}

/** The rights or the settings are wrong: asking again would not help. */
const isHopeless = (error: unknown): boolean =>
  error instanceof Refusal
    ? !kafkaError(error.errorCode).retriable
    : error instanceof OrdealError && !isPassing(error);

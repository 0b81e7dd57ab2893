/**
 * Our own producer. A slice waits in the queue of its partition, whose leader's link takes it along in the next request
 * with room; what is given within one turn of the event loop shares requests. A slow cluster makes queues longer and
 * nothing else: nobody waits for it.
 */
import { messageOf } from '../../lib/errors.ts';
import { type CodecName, loadCompressor } from '../../wire/compression.ts';
import { errorName } from '../../wire/errors.ts';
import type { ProducerClient, ProducerContext, SendResult, Slice } from '../client.ts';
import { backoffOf } from './backoff.ts';
import { BrokerLink, type LinkListener, type LinkSettings } from './broker-link.ts';
import { Directory, type ProducerIdentity } from './directory.ts';
import { type BatchEncoder, createEncoder } from './encoder.ts';
import { PartitionQueue } from './partition-queue.ts';
import { OUT_OF_ORDER, PendingBatch } from './pending-batch.ts';

/** How often deadlines, backoffs and missing leaders are looked at. */
const LOOK_MS = 100;

export type NativeOptions = {
  /** What each partition's numbers begin with. */
  readonly firstSequence?: number;
};

export const createNativeProducer = (
  context: ProducerContext,
  options: NativeOptions = {},
): ProducerClient => new NativeProducer(context, options);

class NativeProducer implements ProducerClient {
  readonly maxOutstanding: number;
  readonly #context: ProducerContext;
  readonly #firstSequence: number;
  readonly #directory: Directory;
  #encode: BatchEncoder;
  readonly #settings: LinkSettings;
  readonly #deliveryUs: number;
  readonly #links = new Map<number, BrokerLink>();
  readonly #queues: (PartitionQueue | undefined)[] = [];
  /** By partition: whose link has its queue. */
  readonly #linkOf: (BrokerLink | undefined)[] = [];
  /** Given to the client since it last sent. */
  readonly #fresh = new Set<PartitionQueue>();
  #identity: ProducerIdentity | null = null;
  #rounds: readonly number[] = [];
  #order = 0;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;

  constructor(context: ProducerContext, { firstSequence = 0 }: NativeOptions) {
    const { config } = context;
    this.#context = context;
    this.#firstSequence = firstSequence;
    this.#directory = new Directory(context, () => this.#leadersChanged());
    this.#encode = createEncoder(context.source, null);
    this.#settings = linkSettings(context);
    this.#deliveryUs = Number(config['delivery.timeout.ms']) * 1000;
    this.maxOutstanding = this.#settings.inFlight;
  }

  /** Those of one leader after each other, so that records of one time share a request. */
  get rounds(): readonly number[] {
    return this.#rounds;
  }

  async connect(): Promise<void> {
    const { source, config } = this.#context;
    const codec = config['compression.type'] as CodecName;
    if (codec !== 'none') this.#encode = createEncoder(source, await loadCompressor(codec));
    await this.#directory.connect();
    if (config['enable.idempotence'] === 'true') {
      this.#identity = await this.#directory.newIdentity();
    }
    const partitions = Array.from({ length: this.#directory.partitions }, (_, i) => i);
    for (const partition of partitions) this.#linkFor(partition)?.open();
    const leaderOf = (partition: number): number => this.#directory.leaderOf(partition)?.id ?? -1;
    this.#rounds = partitions.sort((a, b) => leaderOf(a) - leaderOf(b) || a - b);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  send(slice: Slice, done: (result: SendResult) => void): void {
    const deadlineUs = this.#context.clock.nowUs() + this.#deliveryUs;
    const queue = this.#queueOf(slice.partition);
    queue.add(new PendingBatch(slice, this.#order++, deadlineUs, done));
    this.#fresh.add(queue);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#sendFresh());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#directory.close();
    for (const link of this.#links.values()) link.close();
  }

  #sendFresh(): void {
    this.#scheduled = false;
    for (const queue of this.#fresh) this.#offer(queue);
    this.#fresh.clear();
    for (const link of this.#links.values()) link.pump();
  }

  #queueOf(partition: number): PartitionQueue {
    const known = this.#queues[partition];
    if (known !== undefined) return known;
    const queue = new PartitionQueue(partition, {
      identity: this.#identity,
      firstSequence: this.#firstSequence,
      retries: Number(this.#context.config['retries']),
      inFlight: this.#settings.inFlight,
    });
    this.#queues[partition] = queue;
    return queue;
  }

  #offer(queue: PartitionQueue): void {
    this.#linkFor(queue.partition)?.offer(queue);
  }

  /** Of the leader, as far as it is known. */
  #linkFor(partition: number): BrokerLink | undefined {
    const known = this.#linkOf[partition];
    if (known !== undefined) return known;
    const leader = this.#directory.leaderOf(partition);
    if (leader === undefined) return undefined;
    const link = this.#links.get(leader.id) ?? this.#newLink(leader.id);
    this.#linkOf[partition] = link;
    return link;
  }

  #newLink(node: number): BrokerLink {
    const link = new BrokerLink(
      node,
      this.#context,
      this.#directory,
      this.#encode,
      this.#settings,
      this.#listener,
    );
    this.#links.set(node, link);
    return link;
  }

  #leadersChanged(): void {
    for (const queue of this.#queues) {
      if (queue === undefined) continue;
      const { partition } = queue;
      const before = this.#linkOf[partition];
      this.#linkOf[partition] = undefined;
      if (this.#linkFor(partition) !== before) {
        before?.withdraw(queue);
        queue.leaderChanged();
      }
      if (queue.waiting > 0) this.#offer(queue);
    }
    for (const link of this.#links.values()) link.pump();
  }

  readonly #listener: LinkListener = {
    onAnswer: (queue, batch, errorCode, baseOffset, leaderId, leaderEpoch) => {
      if (errorCode === 0) queue.acknowledged(batch, baseOffset);
      else this.#refused(queue, batch, errorCode, leaderId >= 0);
      if (leaderId >= 0) this.#directory.hint(queue.partition, leaderId, leaderEpoch);
      if (queue.waiting > 0) this.#offer(queue);
    },
    onLeft: (queue, batch) => {
      queue.left(batch);
      if (queue.waiting > 0) this.#offer(queue);
    },
    onLost: (queue, batch, why) => {
      queue.failed(batch, -2, why, this.#againAt(batch));
    },
    onDown: (why) => {
      this.#context.onProblem('native.connection', why);
      this.#directory.refresh();
    },
  };

  /** `told`: the broker said who leads now, so that the next attempt needs no pause. */
  #refused(queue: PartitionQueue, batch: PendingBatch, errorCode: number, told: boolean): void {
    const name = errorName(errorCode);
    this.#context.onProblem('native.produce', `partition ${queue.partition}: ${name}`);
    queue.failed(batch, errorCode, name, told ? 0 : this.#againAt(batch));
    if (!told && errorCode !== OUT_OF_ORDER) this.#directory.refresh();
  }

  #againAt({ attempts }: PendingBatch): number {
    return performance.now() + this.#settings.backoffMs(attempts);
  }

  /** What takes its time: deadlines, the end of pauses, leaders that nobody knows, producer ids. */
  #look(): void {
    const nowMs = performance.now();
    const nowUs = this.#context.clock.nowUs();
    const { config } = this.#context;
    const late = `not delivered within ${config['delivery.timeout.ms']} ms`;
    for (const link of this.#links.values()) {
      link.checkTimeout(nowMs);
      link.visitFlying((queue, batch) => {
        if (nowUs > batch.deadlineUs) queue.expireFlying(batch, late);
      });
    }
    for (const queue of this.#queues) {
      if (queue !== undefined) this.#lookAt(queue, nowMs, nowUs, late);
    }
    for (const link of this.#links.values()) link.pump();
    this.#directory.refreshIfOlderThan(Number(config['metadata.max.age.ms']));
  }

  #lookAt(queue: PartitionQueue, nowMs: number, nowUs: number, late: string): void {
    queue.expire(nowUs, late);
    if (queue.wantsIdentity) this.#renew(queue);
    if (queue.waiting === 0) return;
    if (this.#directory.leaderOf(queue.partition) === undefined) this.#directory.refresh();
    else if (queue.maySend(nowMs)) this.#offer(queue);
  }

  #renew(queue: PartitionQueue): void {
    queue.asking();
    this.#directory.newIdentity().then(
      (identity) => queue.renewed(identity),
      (error) => {
        queue.notRenewed();
        this.#context.onProblem('native.producer-id', messageOf(error));
      },
    );
  }
}

function linkSettings(context: ProducerContext): LinkSettings {
  const { config } = context;
  const number = (name: string): number => Number(config[name]);
  const perRequest = Math.floor(number('max.request.size') / Math.max(1, number('batch.size')));
  return {
    acks: config['acks'] === 'all' ? -1 : number('acks'),
    inFlight: number('max.in.flight.requests.per.connection'),
    batches: Math.max(1, perRequest),
    requestTimeoutMs: number('request.timeout.ms'),
    backoffMs: backoffOf(config),
  };
}

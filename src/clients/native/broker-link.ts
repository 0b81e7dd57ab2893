/**
 * The producer's connection to one broker: requests of many partitions, several in the air, answered in their order. A
 * connection that ends takes all that is in the air with it; the next is opened when there is something to send.
 */
import type { Socket } from 'node:net';
import { formatAddress } from '../../lib/address.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import { type AgreedSocket, openSocket, type VersionRange } from '../../wire/connection.ts';
import { ProtocolError } from '../../wire/protocol-error.ts';
import type { Reader } from '../../wire/reader.ts';
import type { ProducerContext } from '../client.ts';
import { AnswerFrames } from './answer-frames.ts';
import type { Directory } from './directory.ts';
import type { BatchEncoder } from './encoder.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { PendingBatch } from './pending-batch.ts';
import { readProduceAnswer } from './produce-answer.ts';
import {
  type Cargo,
  NEWEST_VERSION,
  OLDEST_VERSION,
  PRODUCE_KEY,
  ProduceFrames,
} from './produce-request.ts';
import { RequestBuffer } from './request-buffer.ts';

export type LinkSettings = {
  readonly acks: number;
  readonly inFlight: number;
  /** Batches in one request at most. */
  readonly batches: number;
  readonly requestTimeoutMs: number;
  /** How long to wait after so many attempts that came to nothing. */
  readonly backoffMs: (attempts: number) => number;
};

export type LinkListener = {
  /** The broker answered for one batch. The leader is -1 where it does not say who leads. */
  readonly onAnswer: (
    queue: PartitionQueue,
    batch: PendingBatch,
    errorCode: number,
    baseOffset: number,
    leaderId: number,
    leaderEpoch: number,
  ) => void;
  /** The batch left, and no answer is asked for. */
  readonly onLeft: (queue: PartitionQueue, batch: PendingBatch) => void;
  /** The connection ended before the answer. */
  readonly onLost: (queue: PartitionQueue, batch: PendingBatch, why: string) => void;
  /** It could not be opened, or it ended. */
  readonly onDown: (why: string) => void;
};

type Request = {
  readonly queues: readonly PartitionQueue[];
  /** Null: answered. */
  readonly batches: (PendingBatch | null)[];
  readonly correlationId: number;
  readonly buffer: RequestBuffer;
  readonly sentMs: number;
};

export class BrokerLink {
  readonly #node: number;
  readonly #context: ProducerContext;
  readonly #directory: Directory;
  readonly #encode: BatchEncoder;
  readonly #settings: LinkSettings;
  readonly #listener: LinkListener;
  /** Partitions that have something to send, in turn. */
  readonly #ready = new Set<PartitionQueue>();
  readonly #inFlight: Request[] = [];
  #buffers: RequestBuffer[] = [];
  #socket: Socket | null = null;
  #frames: ProduceFrames | null = null;
  #opening = false;
  #notBeforeMs = 0;
  /** Times that it went down since it last had an answer. */
  #downs = 0;
  #correlationId = 0;
  #closed = false;

  constructor(
    node: number,
    context: ProducerContext,
    directory: Directory,
    encode: BatchEncoder,
    settings: LinkSettings,
    listener: LinkListener,
  ) {
    this.#node = node;
    this.#context = context;
    this.#directory = directory;
    this.#encode = encode;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** `pump` sends what it has, as far as the broker takes it. */
  offer(queue: PartitionQueue): void {
    this.#ready.add(queue);
  }

  withdraw(queue: PartitionQueue): void {
    this.#ready.delete(queue);
  }

  pump(): void {
    if (this.#socket === null) {
      if (this.#ready.size > 0) this.open();
      return;
    }
    while (this.#ready.size > 0 && this.#inFlight.length < this.#settings.inFlight) {
      if (!this.#sendOne(this.#socket)) return;
    }
  }

  /** Only when it is not open, and its last end is a little while ago. */
  open(): void {
    const early = performance.now() < this.#notBeforeMs;
    if (this.#socket !== null || this.#opening || this.#closed || early) return;
    this.#opening = true;
    void this.#connect().finally(() => {
      this.#opening = false;
      this.pump();
    });
  }

  /** Ends a connection whose broker keeps silent. */
  checkTimeout(nowMs: number): void {
    const [oldest] = this.#inFlight;
    const { requestTimeoutMs } = this.#settings;
    if (oldest === undefined || nowMs - oldest.sentMs < requestTimeoutMs) return;
    this.#end(`no answer within ${requestTimeoutMs} ms`);
  }

  /** Every batch in the air. */
  visitFlying(visit: (queue: PartitionQueue, batch: PendingBatch) => void): void {
    for (const request of this.#inFlight) visitOpen(request, visit);
  }

  close(): void {
    this.#closed = true;
    this.#inFlight.length = 0;
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #connect(): Promise<void> {
    const address = this.#directory.addressOf(this.#node);
    try {
      if (address === undefined) throw new Error(`no address is known of broker ${this.#node}`);
      const { config, clientId, connection, route } = this.#context;
      const agreed = await openSocket(route(address.host, address.port), {
        ...{ connection, clientId, provenHost: address.host },
        timeoutMs: Number(config['socket.connection.setup.timeout.ms']),
      });
      if (this.#closed) agreed.socket.destroy();
      else this.#adopt(agreed, produceVersion(formatAddress(address), agreed.versions));
    } catch (error) {
      this.#down(messageOf(error));
    }
  }

  #adopt({ socket, receive }: AgreedSocket, version: number): void {
    const { clientId, topic } = this.#context;
    const { acks, requestTimeoutMs: timeoutMs } = this.#settings;
    this.#socket = socket;
    this.#frames = new ProduceFrames(version, { clientId, topic, acks, timeoutMs }, this.#encode);
    const answers = new AnswerFrames((frame) => this.#answered(frame));
    receive((chunk) => this.#received(answers, chunk));
    socket.on('error', (error) => this.#ended(socket, messageOf(error)));
    socket.on('close', () => this.#ended(socket, 'the broker closed it'));
  }

  #sendOne(socket: Socket): boolean {
    const cargo = this.#load();
    if (cargo.batches.length === 0) return false;
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) & 0x7fff_ffff;
    const buffer = this.#buffers.pop() ?? new RequestBuffer();
    this.#frames?.write(buffer, correlationId, cargo);
    const { queues, batches } = cargo;
    const sentMs = performance.now();
    const request = { queues, batches: [...batches], correlationId, buffer, sentMs };
    this.#inFlight.push(request);
    const frame = buffer.bytes.subarray(0, buffer.at);
    if (this.#settings.acks === 0) socket.write(frame, (error) => !error && this.#left(request));
    else socket.write(frame);
    return true;
  }

  /** One batch of each partition that may send, as many as a request takes. */
  #load(): Cargo {
    const nowMs = performance.now();
    const nowUs = this.#context.clock.nowUs();
    const queues: PartitionQueue[] = [];
    const batches: PendingBatch[] = [];
    for (const queue of this.#ready) {
      if (batches.length === this.#settings.batches) break;
      this.#ready.delete(queue);
      if (!queue.maySend(nowMs)) continue;
      queues.push(queue);
      batches.push(queue.take(nowUs));
    }
    // Behind the others, for the next request.
    for (const queue of queues) if (queue.maySend(nowMs)) this.#ready.add(queue);
    return { queues, batches };
  }

  #received(answers: AnswerFrames, chunk: Buffer): void {
    try {
      answers.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end(error.message);
    }
    this.pump();
  }

  #answered(frame: Reader): void {
    const correlationId = frame.int32();
    const request = this.#inFlight[0];
    if (request?.correlationId !== correlationId) {
      throw new ProtocolError(`an answer to ${correlationId}, not to ${request?.correlationId}`);
    }
    const { queues, batches } = request;
    let heard = 0;
    readProduceAnswer(frame, (partition, errorCode, baseOffset, leaderId, leaderEpoch) => {
      // Brokers keep the order of the request, as a rule.
      const expected = queues[heard]?.partition === partition;
      const i = expected ? heard : queues.findIndex((queue) => queue.partition === partition);
      heard += 1;
      const queue = queues[i];
      const batch = batches[i];
      if (queue === undefined || !batch) {
        throw new ProtocolError(`an answer for partition ${partition}, which was not asked`);
      }
      batches[i] = null;
      this.#listener.onAnswer(queue, batch, errorCode, baseOffset, leaderId, leaderEpoch);
    });
    if (heard !== batches.length) {
      throw new ProtocolError(`answers for ${heard} partitions of ${batches.length}`);
    }
    this.#inFlight.shift();
    this.#buffers.push(request.buffer);
    this.#downs = 0;
  }

  #left(request: Request): void {
    const at = this.#inFlight.indexOf(request);
    if (at < 0) return;
    this.#inFlight.splice(at, 1);
    this.#buffers.push(request.buffer);
    visitOpen(request, (queue, batch) => this.#listener.onLeft(queue, batch));
    this.pump();
  }

  #ended(socket: Socket, why: string): void {
    if (socket === this.#socket) this.#end(why);
  }

  #end(why: string): void {
    this.#socket?.destroy();
    this.#socket = null;
    // Node may still hold what was not written.
    this.#buffers = [];
    for (const request of this.#inFlight.splice(0)) {
      visitOpen(request, (queue, batch) => this.#listener.onLost(queue, batch, why));
    }
    this.#down(`the connection ended: ${why}`);
  }

  #down(why: string): void {
    if (this.#closed) return;
    this.#downs += 1;
    this.#notBeforeMs = performance.now() + this.#settings.backoffMs(this.#downs);
    this.#listener.onDown(`broker ${this.#node}: ${why}`);
  }
}

function visitOpen(
  { queues, batches }: Request,
  visit: (queue: PartitionQueue, batch: PendingBatch) => void,
): void {
  for (const [i, batch] of batches.entries()) {
    if (batch !== null) visit(queues[i] as PartitionQueue, batch);
  }
}

function produceVersion(broker: string, versions: ReadonlyMap<number, VersionRange>): number {
  const { min, max } = versions.get(PRODUCE_KEY) ?? { min: 0, max: -1 };
  const version = Math.min(max, NEWEST_VERSION);
  if (version >= Math.max(min, OLDEST_VERSION)) return version;
  throw environmentError(
    'kafka.unsupported',
    `${broker} speaks Produce ${min} to ${max}, we ${OLDEST_VERSION} to ${NEWEST_VERSION}`,
    { hint: 'ordeal needs Kafka 3.9 or newer' },
  );
}

/**
 * Reads the assigned partitions from their leaders and hands their records over, one stretch after the other. Leaders
 * change and logs begin later or end earlier: that moves positions, and never anything that was taken away meanwhile.
 */
import { codeOf, errorName, kafkaError } from '../../wire/errors.ts';
import { ProtocolError } from '../../wire/protocol-error.ts';
import type { ConsumerContext } from '../client.ts';
import { backoffOf } from './backoff.ts';
import type { Directory } from './directory.ts';
import {
  type FetchAnswer,
  FetchExchange,
  type FetchedPartition,
  type FetchSettings,
  type Wanted,
} from './fetch-exchange.ts';
import { FetchLink, type FetchLinkListener, type FetchQuestion } from './fetch-link.ts';
import type { Frame } from './frame-pool.ts';
import type { Position } from './position.ts';
import { measure, type Stretch } from './stretch.ts';

const OUT_OF_RANGE = codeOf('OFFSET_OUT_OF_RANGE');
/** Beyond the broker's own wait, a fetch without an answer makes us ask who leads. */
const SUSPICIOUS_MS = 2000;

export type FetcherListener = {
  /** Records of a position that is read; the next ones come when it resolves. */
  readonly onStretch: (position: Position, stretch: Stretch) => Promise<void>;
  /** Its log does not have the position; it is left alone until it is moved. */
  readonly onOutOfRange: (position: Position) => void;
};

type Arrived = {
  readonly position: Position;
  readonly stretch: Stretch;
  /** Its frame is not read any more once all of its stretches were handed over. */
  readonly answer: { left: number; readonly frame: Frame; readonly link: FetchLink };
};

export class Fetcher {
  readonly #context: ConsumerContext;
  readonly #directory: Directory;
  readonly #listener: FetcherListener;
  readonly #settings: FetchSettings;
  readonly #exchange: FetchExchange;
  readonly #backoffMs: (attempts: number) => number;
  readonly #links = new Map<number, FetchLink>();
  readonly #arrived: Arrived[] = [];
  #positions: readonly Position[] = [];
  #handingOver: Promise<void> | null = null;
  #closed = false;

  constructor(context: ConsumerContext, directory: Directory, listener: FetcherListener) {
    this.#context = context;
    this.#directory = directory;
    this.#listener = listener;
    this.#settings = settingsOf(context);
    this.#exchange = new FetchExchange(context.clientId, context.topic, this.#settings);
    this.#backoffMs = backoffOf(context.config);
  }

  /** Reads these and no others from now on. */
  assign(positions: readonly Position[]): void {
    for (const position of this.#positions) position.stopped = true;
    this.#positions = positions;
    this.pump();
  }

  /** Resolves when nothing is being handed over; without positions that stays so. */
  async idle(): Promise<void> {
    await this.#handingOver;
  }

  /** Asks every leader that may be asked. */
  pump(): void {
    if (this.#closed) return;
    const leaders = new Set<number>();
    for (const { partition } of this.#positions) {
      const leader = this.#directory.leaderOf(partition);
      if (leader !== undefined) leaders.add(leader.id);
    }
    for (const node of leaders) this.#linkTo(node).pump();
  }

  /** What takes its time: silent brokers, the end of pauses, leaders that nobody knows. */
  look(nowMs: number): void {
    for (const link of this.#links.values()) link.checkTimeout(nowMs);
    const suspiciousMs = this.#settings.maxWaitMs + SUSPICIOUS_MS;
    for (const { partition, question } of this.#positions) {
      const unled = this.#directory.leaderOf(partition) === undefined;
      const silent = question !== null && nowMs - question.sentMs > suspiciousMs;
      if (unled || silent) this.#directory.refresh();
    }
    this.pump();
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
  }

  #linkTo(node: number): FetchLink {
    const known = this.#links.get(node);
    if (known !== undefined) return known;
    const { config } = this.#context;
    const link: FetchLink = new FetchLink(
      node,
      this.#context,
      this.#directory,
      this.#exchange,
      {
        timeoutMs: Number(config['request.timeout.ms']) + this.#settings.maxWaitMs,
        backoffMs: this.#backoffMs,
      },
      this.#listenerOf(() => link),
    );
    this.#links.set(node, link);
    return link;
  }

  #listenerOf(link: () => FetchLink): FetchLinkListener {
    return {
      wanted: (node) => this.#wanted(node),
      onAnswer: (answer, question, frame) => this.#answered(answer, question, frame, link()),
      onDown: (why, question) => {
        for (const { position } of question?.wanted ?? []) forget(position, question);
        this.#context.onProblem('native.connection', why);
        this.#directory.refresh();
      },
    };
  }

  #wanted(node: number): readonly Wanted[] {
    const nowMs = performance.now();
    const wanted: Wanted[] = [];
    for (const position of this.#positions) {
      const leader = this.#directory.leaderOf(position.partition);
      if (leader?.id === node && position.ready(node, nowMs)) wanted.push({ position, leader });
    }
    return wanted;
  }

  #answered(answer: FetchAnswer, question: FetchQuestion, frame: Frame, link: FetchLink): void {
    this.#directory.learn(answer.nodes);
    const asked = question.wanted.map(({ position }) => position);
    const positions = asked.filter((position) => forget(position, question));
    if (answer.errorCode !== 0) {
      for (const position of positions) this.#refused(position, answer.errorCode);
      return;
    }
    const reading = { left: 0, frame, link };
    const found = new Map(answer.partitions.map((one) => [one.partition, one]));
    for (const position of positions) {
      const stretch = position.stopped ? null : this.#take(position, found.get(position.partition));
      if (stretch === null) continue;
      reading.left += 1;
      this.#arrived.push({ position, stretch, answer: reading });
    }
    if (reading.left === 0) return;
    frame.hold();
    link.unread();
    this.#handingOver ??= this.#handOver();
  }

  /** Moves the position behind what came, if anything did. */
  #take(position: Position, found: FetchedPartition | undefined): Stretch | null {
    if (found === undefined) return null;
    const { errorCode, divergingEpoch, records, abortedTransactions, partition } = found;
    if (errorCode !== 0) return this.#failed(position, found);
    if (divergingEpoch.epoch >= 0) return this.#diverged(position, divergingEpoch.endOffset);
    if (records === null || records.length === 0) return null;
    try {
      const from = position.offset;
      const measured = measure(records, from);
      if (measured === null) return null;
      position.moveTo(measured.next, measured.epoch);
      const aborted = this.#settings.committedOnly ? (abortedTransactions ?? []) : null;
      return { partition, from, ...measured, bytes: records, aborted };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#context.onProblem('native.damaged', `partition ${partition}: ${error.message}`);
      this.#pause(position);
      return null;
    }
  }

  #failed(position: Position, { errorCode, currentLeader }: FetchedPartition): null {
    const { leaderId, leaderEpoch } = currentLeader;
    if (errorCode === OUT_OF_RANGE) {
      this.#context.onProblem(
        'native.out-of-range',
        `partition ${position.partition}: the log does not have offset ${position.offset}`,
      );
      this.#listener.onOutOfRange(position);
    } else if (leaderId >= 0) {
      this.#tell(position, errorCode);
      const news = this.#directory.hint(position.partition, leaderId, leaderEpoch);
      if (!news) this.#pause(position);
    } else {
      this.#refused(position, errorCode);
    }
    return null;
  }

  /** What was read behind this offset is not in the log any more: it was truncated (KIP-320). */
  #diverged(position: Position, endOffset: number): null {
    this.#context.onProblem(
      'native.truncated',
      `partition ${position.partition}: the log was cut at ${endOffset}, behind which it had been read`,
    );
    position.moveTo(Math.min(position.offset, endOffset), -1);
    return null;
  }

  #refused(position: Position, errorCode: number): void {
    this.#tell(position, errorCode);
    this.#pause(position);
    if (kafkaError(errorCode).retriable) this.#directory.refresh();
  }

  #tell({ partition }: Position, errorCode: number): void {
    this.#context.onProblem('native.fetch', `partition ${partition}: ${errorName(errorCode)}`);
  }

  #pause(position: Position): void {
    position.failures += 1;
    position.notBeforeMs = performance.now() + this.#backoffMs(position.failures);
  }

  async #handOver(): Promise<void> {
    await null; // Whoever waits for it must have it before it can end.
    for (let next = this.#arrived.shift(); next; next = this.#arrived.shift()) {
      const { position, stretch, answer } = next;
      if (!position.stopped && !this.#closed) await this.#listener.onStretch(position, stretch);
      answer.left -= 1;
      if (answer.left > 0) continue;
      answer.frame.release();
      answer.link.read();
    }
    this.#handingOver = null;
  }
}

/** Whether the question was the one that counts. */
function forget(position: Position, question: FetchQuestion | null): boolean {
  if (position.question !== question) return false;
  position.question = null;
  return true;
}

function settingsOf({ config }: ConsumerContext): FetchSettings {
  const number = (name: string): number => Number(config[name]);
  return {
    maxWaitMs: number('fetch.max.wait.ms'),
    minBytes: number('fetch.min.bytes'),
    maxBytes: number('fetch.max.bytes'),
    partitionBytes: number('max.partition.fetch.bytes'),
    committedOnly: config['isolation.level'] === 'read_committed',
  };
}

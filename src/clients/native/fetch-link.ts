/**
 * The consumer's connection to one broker. One question is in the air at a time, about all that the broker leads and that
 * is not being asked already; the next one leaves as soon as the answer's headers are read, before anybody looks at its
 * records. Two answers that nobody has worked off are enough: then it waits.
 */
import type { Socket } from 'node:net';
import { formatAddress } from '../../lib/address.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';
import { type AgreedSocket, openSocket } from '../../wire/connection.ts';
import { ProtocolError } from '../../wire/protocol-error.ts';
import type { ClientContext } from '../client.ts';
import type { Directory } from './directory.ts';
import {
  type FetchAnswer,
  type FetchExchange,
  fetchVersion,
  type Wanted,
} from './fetch-exchange.ts';
import { type Frame, FramePool } from './frame-pool.ts';
import type { Question } from './position.ts';

const MOST_UNREAD = 2;

export type FetchLinkSettings = {
  /** From the request to its answer, the broker's own wait included. */
  readonly timeoutMs: number;
  readonly backoffMs: (attempts: number) => number;
};

export type FetchLinkListener = {
  /** What to ask the broker for now; nothing is asked when it is empty. */
  readonly wanted: (node: number) => readonly Wanted[];
  /** Whoever goes on reading the frame holds it. */
  readonly onAnswer: (answer: FetchAnswer, question: FetchQuestion, frame: Frame) => void;
  /** The connection could not be opened, or it ended, and the question with it if there was one. */
  readonly onDown: (why: string, question: FetchQuestion | null) => void;
};

/** What was asked at once. */
export type FetchQuestion = Question & {
  readonly wanted: readonly Wanted[];
  readonly correlationId: number;
  readonly topicId: string;
};

export class FetchLink {
  readonly #node: number;
  readonly #context: ClientContext;
  readonly #directory: Directory;
  readonly #exchange: FetchExchange;
  readonly #settings: FetchLinkSettings;
  readonly #listener: FetchLinkListener;
  #frames = new FramePool();
  #socket: Socket | null = null;
  #version = 0;
  #opening = false;
  #question: FetchQuestion | null = null;
  /** Answers with records that were not worked off yet. */
  #unread = 0;
  #correlationId = 0;
  #notBeforeMs = 0;
  /** Times that it went down since it last had an answer. */
  #downs = 0;
  #closed = false;

  constructor(
    node: number,
    context: ClientContext,
    directory: Directory,
    exchange: FetchExchange,
    settings: FetchLinkSettings,
    listener: FetchLinkListener,
  ) {
    this.#node = node;
    this.#context = context;
    this.#directory = directory;
    this.#exchange = exchange;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Asks for what is wanted, if it may. */
  pump(): void {
    if (this.#closed || this.#question !== null || this.#unread >= MOST_UNREAD) return;
    const wanted = this.#listener.wanted(this.#node);
    if (wanted.length === 0) return;
    if (this.#socket === null) this.#open();
    else this.#ask(this.#socket, wanted);
  }

  /** An answer's records are going to be read, and not by now. */
  unread(): void {
    this.#unread += 1;
  }

  /** All of them were. */
  read(): void {
    this.#unread -= 1;
    this.pump();
  }

  /** Ends a connection whose broker keeps silent. */
  checkTimeout(nowMs: number): void {
    const { timeoutMs } = this.#settings;
    if (this.#question === null || nowMs - this.#question.sentMs < timeoutMs) return;
    this.#end(`no answer within ${timeoutMs} ms`);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
    this.#socket = null;
  }

  #ask(socket: Socket, wanted: readonly Wanted[]): void {
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) & 0x7fff_ffff;
    const { topicId } = this.#directory;
    const sentMs = performance.now();
    const question = { node: this.#node, wanted, correlationId, topicId, sentMs };
    for (const { position } of wanted) position.question = question;
    this.#question = question;
    socket.write(this.#exchange.request(this.#version, correlationId, topicId, wanted));
  }

  #open(): void {
    if (this.#opening || performance.now() < this.#notBeforeMs) return;
    this.#opening = true;
    void this.#connect().finally(() => {
      this.#opening = false;
      this.pump();
    });
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
      const version = fetchVersion(agreed.versions);
      if (version === null || this.#closed) agreed.socket.destroy();
      if (version === null) throw tooOld(formatAddress(address));
      if (!this.#closed) this.#adopt(agreed, version);
    } catch (error) {
      this.#down(messageOf(error), null);
    }
  }

  #adopt({ socket, receive }: AgreedSocket, version: number): void {
    this.#socket = socket;
    this.#version = version;
    receive((chunk) => this.#received(chunk));
    socket.on('error', (error) => this.#ended(socket, messageOf(error)));
    socket.on('close', () => this.#ended(socket, 'the broker closed it'));
  }

  #received(chunk: Buffer): void {
    try {
      this.#frames.push(chunk, (frame) => this.#answered(frame));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end(error.message);
    }
  }

  #answered(frame: Frame): void {
    const question = this.#question;
    const correlationId = frame.bytes.readInt32BE(0);
    if (question?.correlationId !== correlationId) {
      throw new ProtocolError(`an answer to ${correlationId}, not to ${question?.correlationId}`);
    }
    const answer = this.#exchange.answer(this.#version, question.topicId, frame.bytes);
    this.#question = null;
    this.#downs = 0;
    this.#listener.onAnswer(answer, question, frame);
    this.pump();
  }

  #ended(socket: Socket, why: string): void {
    if (socket === this.#socket) this.#end(why);
  }

  #end(why: string): void {
    this.#socket?.destroy();
    this.#socket = null;
    this.#frames.reset();
    const question = this.#question;
    this.#question = null;
    this.#down(`the connection ended: ${why}`, question);
  }

  #down(why: string, question: FetchQuestion | null): void {
    if (this.#closed) return;
    this.#downs += 1;
    this.#notBeforeMs = performance.now() + this.#settings.backoffMs(this.#downs);
    this.#listener.onDown(`broker ${this.#node}: ${why}`, question);
  }
}

const tooOld = (broker: string): Error =>
  environmentError('kafka.unsupported', `${broker} does not speak Fetch 12 or newer`, {
    hint: 'ordeal needs Kafka 3.9 or newer',
  });

/**
 * Calls between two processes over one stream, a JSON object a line: either side asks, answers and tells. An error
 * arrives as what it was, typed ones with their code and hint; a stream that ends, or says what is no message, fails
 * every call under way.
 */
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { environmentError, OrdealError } from '../../lib/errors.ts';

export type Handler = (args: readonly unknown[], signal: AbortSignal) => Promise<unknown>;

export type ChannelOptions = {
  /** Undefined: nobody answers that. */
  readonly handlerOf?: (method: string) => Handler | undefined;
  readonly onTold?: (what: string, value: unknown) => void;
};

/** Anything thrown, as JSON can carry it. */
export type Failure = Pick<OrdealError, 'message'> & {
  readonly kind?: OrdealError['kind'];
  readonly code?: string;
  readonly hint?: string | undefined;
  readonly stack?: string | undefined;
};

type Message =
  | { readonly call: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly cancel: number }
  | { readonly answer: number; readonly value?: unknown; readonly error?: Failure }
  | { readonly tell: string; readonly value: unknown };

type Waiting = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};

export class Channel {
  /** Resolves when the other side is gone, or `close` was called. */
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: ChannelOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #working = new Map<number, AbortController>();
  #calls = 0;
  #open = true;

  constructor(stream: Duplex, options: ChannelOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    // An error, which both of them emit, is followed by `close`.
    stream.on('error', () => {});
    createInterface({ input: stream })
      .on('error', () => {})
      .on('line', (line) => this.#read(line));
    this.closed = new Promise((resolve) => {
      stream.once('close', () => {
        this.#end();
        resolve();
      });
    });
  }

  /** Throws what the other side threw, `kept.gone` when it ends first, or the signal's reason. */
  async call(
    method: string,
    args: readonly unknown[] = [],
    signal?: AbortSignal,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    if (!this.#open) throw keeperGone();
    const call = ++this.#calls;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
    });
    const cancel = (): void => {
      this.#send({ cancel: call });
      this.#waiting.get(call)?.reject(signal?.reason);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#send({ call, method, args });
    try {
      return await answer;
    } finally {
      this.#waiting.delete(call);
      signal?.removeEventListener('abort', cancel);
    }
  }

  tell(what: string, value: unknown): void {
    this.#send({ tell: what, value });
  }

  close(): void {
    this.#stream.end();
  }

  #send(message: Message): void {
    if (this.#open) this.#stream.write(`${JSON.stringify(message)}\n`);
  }

  /** Whoever says something else is no side of ours. */
  #read(line: string): void {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
      if (typeof message !== 'object' || message === null) throw new Error('no message');
    } catch {
      this.#stream.destroy();
      return;
    }
    this.#hear(message);
  }

  #hear(message: Message): void {
    if ('tell' in message) this.#options.onTold?.(message.tell, message.value);
    else if ('cancel' in message) this.#working.get(message.cancel)?.abort();
    else if ('call' in message) void this.#work(message.call, message.method, message.args);
    else if (message.error === undefined) this.#waiting.get(message.answer)?.resolve(message.value);
    else this.#waiting.get(message.answer)?.reject(revived(message.error));
  }

  async #work(call: number, method: string, args: readonly unknown[]): Promise<void> {
    const controller = new AbortController();
    this.#working.set(call, controller);
    try {
      const handler = this.#options.handlerOf?.(method);
      if (handler === undefined) throw new Error(`nobody answers ${method}`);
      const value = await handler(args, controller.signal);
      this.#send({ answer: call, value });
    } catch (error) {
      this.#send({ answer: call, error: failureOf(error) });
    } finally {
      this.#working.delete(call);
    }
  }

  #end(): void {
    this.#open = false;
    for (const { reject } of this.#waiting.values()) reject(keeperGone());
    for (const controller of this.#working.values()) controller.abort();
  }
}

export const keeperGone = (cause?: unknown): OrdealError =>
  environmentError('kept.gone', 'the process that keeps the cluster is gone', {
    hint: 'see: ordeal cluster ls; raise it again: ordeal cluster up',
    cause,
  });

export function failureOf(error: unknown): Failure {
  if (error instanceof OrdealError) {
    const { kind, code, message, hint } = error;
    return { kind, code, message, hint };
  }
  return error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error) };
}

export function revived({ kind, code, message, hint, stack }: Failure): Error {
  if (kind !== undefined && code !== undefined) {
    return new OrdealError(kind, code, message, hint === undefined ? {} : { hint });
  }
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/**
 * Gives what is due to the client. Every slice has its intent in the ledger before, and its outcome after; the intents
 * of all slices that leave together leave the process in one write, before any of their records goes to the client: should
 * this process be killed, its successor must know which sequences are used.
 */
import type { SendResult, Slice } from '../clients/client.ts';
import type { Template } from '../payload/template.ts';
import type { Batching } from './accumulator.ts';
import type { ProducerMember } from './producer-member.ts';
import type { ProducerTransactions } from './producer-transactions.ts';
import type { Outstanding, StreamState } from './stream-state.ts';
import type { BodyContext } from './worker-body.ts';

export type DeparturesOptions = {
  readonly batching: Batching;
  readonly sizes: Pick<Template, 'sizeOf' | 'bytes'>;
  readonly context: Pick<BodyContext, 'clock' | 'ledger'>;
  readonly members: readonly ProducerMember[];
  readonly onProblem: (code: string, message: string) => void;
  /** Called while the stream still knows the records. */
  readonly onAnswer: (
    state: StreamState,
    slice: Slice,
    result: SendResult,
    nowUs: number,
    bytes: number,
  ) => void;
  /** Answers came, and nothing was given to the client since. */
  readonly onRoom: () => void;
};

type Departing = {
  readonly state: StreamState;
  readonly slice: Slice;
  readonly outstanding: Outstanding;
  /** Of its producer's transactions; -1 outside of them. */
  readonly transaction: number;
};

export class Departures {
  readonly #options: DeparturesOptions;
  readonly #transactions: ReadonlyMap<StreamState, ProducerTransactions>;
  /** Streams with records that wait. */
  readonly #waiting = new Set<StreamState>();
  /** Streams that were answered in this turn of the event loop. */
  readonly #answered = new Set<StreamState>();
  #stopped = false;

  constructor(options: DeparturesOptions) {
    this.#options = options;
    this.#transactions = new Map(
      options.members.flatMap(({ streams, transactions }) =>
        transactions === null ? [] : streams.map((state) => [state, transactions] as const),
      ),
    );
  }

  /** It has records that wait. */
  wait(state: StreamState): void {
    this.#waiting.add(state);
  }

  /** Nothing leaves any more. */
  stop(): void {
    this.#stopped = true;
  }

  departAll(): void {
    this.depart(this.#waiting);
  }

  /** Whatever of theirs is due by now. */
  depart(states: Iterable<StreamState>): void {
    const { ledger, clock } = this.#options.context;
    if (this.#stopped || ledger.broken) return;
    const nowUs = clock.nowUs();
    const departing: Departing[] = [];
    for (const state of states) this.#gather(state, nowUs, departing);
    if (departing.length === 0) return;
    ledger.flush();
    if (ledger.broken) return;
    for (const one of departing) this.#send(one);
  }

  #gather(state: StreamState, nowUs: number, into: Departing[]): void {
    for (let count = this.#due(state, nowUs); count > 0; count = this.#due(state, nowUs)) {
      const { stream, partition, firstWaiting: first } = state;
      const transactions = this.#transactions.get(state);
      const transaction = transactions?.number ?? -1;
      this.#options.context.ledger.intent(stream, first, count, transaction, nowUs);
      const slice = { stream, partition, firstSequence: first, count };
      into.push({ state, slice, transaction, outstanding: state.depart(count) });
      transactions?.departed(count);
    }
    if (state.waiting === 0) this.#waiting.delete(state);
  }

  #due(state: StreamState, nowUs: number): number {
    const { batching, sizes } = this.#options;
    const due = state.due(nowUs, batching, sizes);
    return due === 0 ? 0 : Math.min(due, this.#transactions.get(state)?.roomFor(state) ?? due);
  }

  #send({ state, slice, transaction, outstanding }: Departing): void {
    state.client.send(slice, (result) => {
      this.#note(state, slice, result, transaction);
      state.answer(outstanding);
      this.#transactions.get(state)?.answered(slice.count, result.outcome);
      if (this.#answered.size === 0) queueMicrotask(() => this.#goOn());
      this.#answered.add(state);
    });
  }

  /** What waited for these answers leaves together. */
  #goOn(): void {
    const states = [...this.#answered];
    this.#answered.clear();
    this.#options.onRoom();
    this.depart(states);
  }

  #note(state: StreamState, slice: Slice, result: SendResult, transaction: number): void {
    const { context, onAnswer, onProblem } = this.#options;
    const nowUs = context.clock.nowUs();
    context.ledger.outcome(slice, transaction, result, nowUs);
    if (result.error !== null) onProblem(`send.${result.errorCode}`, result.error);
    onAnswer(state, slice, result, nowUs, this.#bytesOf(slice));
  }

  #bytesOf({ stream, firstSequence, count }: Slice): number {
    const { bytes: each, sizeOf } = this.#options.sizes;
    if (each !== null) return each * count;
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += sizeOf(stream, firstSequence + i);
    return bytes;
  }
}

/**
 * The transactions of one producer, one after the other. Which records go together is a matter of their order alone:
 * the first so many that were offered, whatever their partitions, then the next. A transaction is ended when all of
 * them are answered: aborted when the seed says so, or when one was not acknowledged (what was not sent by then goes
 * into the next), otherwise committed. What is asked for stands in the ledger, on disk, before it is asked for.
 */
import type { EndResult, SendOutcome, TransactionalProducerClient } from '../clients/client.ts';
import { pause } from '../lib/deadline.ts';
import type { Random } from '../lib/random.ts';
import type { TransactionSpec } from '../scenario/transaction-spec.ts';
import type { StreamState } from './stream-state.ts';
import type { BodyContext } from './worker-body.ts';

/** How long the last abort may take when the load ends. */
const ABORT_MS = 1000;

export type TransactionsOptions = {
  readonly client: TransactionalProducerClient;
  readonly spec: TransactionSpec;
  /** The producer's, by partition; the first one's number and that of the transaction name it. */
  readonly streams: readonly StreamState[];
  /** The number of its first transaction: former processes of its worker had those before. */
  readonly first: number;
  /** Draws which transactions are aborted on purpose. */
  readonly random: Random;
  readonly context: Pick<BodyContext, 'clock' | 'ledger'>;
  /** There is room again. */
  readonly onRoom: () => void;
  readonly onProblem: (code: string, message: string) => void;
};

export class ProducerTransactions {
  readonly #options: TransactionsOptions;
  #state: 'none' | 'opening' | 'open' | 'ending' = 'none';
  #number: number;
  #offered = 0;
  /** For each full group of records, oldest first: by partition, one past the last sequence that belongs to it. */
  readonly #groups: number[][] = [];
  /** Records that were given to the client in the open transaction, and how many of them it has answered. */
  #sent = 0;
  #answered = 0;
  /** The seed has it aborted. */
  #abort = false;
  /** A record of it was not acknowledged. */
  #spoilt = false;
  #stopping = false;

  constructor(options: TransactionsOptions) {
    this.#options = options;
    this.#number = options.first;
  }

  /** Of the open transaction; they are counted up. */
  get number(): number {
    return this.#number;
  }

  /** Records that were answered, and whose transaction has not ended yet. */
  get unsettled(): number {
    return this.#answered;
  }

  get idle(): boolean {
    return this.#state !== 'ending' && this.#sent === 0;
  }

  /** How many more records belong to the group that is being offered. */
  get untilFull(): number {
    const { records } = this.#options.spec;
    return records - (this.#offered % records);
  }

  /** So many more records were offered, at most `untilFull`, and wait in their stream. */
  offered(records: number): void {
    const { streams, spec } = this.#options;
    this.#offered += records;
    if (this.#offered % spec.records > 0) return;
    this.#groups.push(streams.map(({ records: queue }) => queue.first + queue.length));
  }

  /** How many waiting records the open transaction takes. Without one the next is begun, and `onRoom` tells. */
  roomFor({ partition, firstWaiting }: StreamState): number {
    if (this.#state === 'none' && !this.#stopping) void this.#begin();
    if (this.#state !== 'open' || this.#stopping || this.#spoilt) return 0;
    const [group] = this.#groups;
    return group === undefined ? Infinity : (group[partition] as number) - firstWaiting;
  }

  departed(records: number): void {
    this.#sent += records;
  }

  answered(records: number, outcome: SendOutcome): void {
    this.#answered += records;
    if (outcome !== 'acknowledged') this.#spoilt = true;
    if (this.#isFull() || this.#spoilt || this.#stopping) this.endWhenAnswered();
  }

  #isFull(): boolean {
    const [group] = this.#groups;
    const { streams } = this.#options;
    return group?.every((end, i) => (streams[i] as StreamState).firstWaiting >= end) ?? false;
  }

  /** Ends the open transaction, full or not, if it has records and all of them are answered. */
  endWhenAnswered(): void {
    if (this.#state !== 'open' || this.#sent === 0 || this.#answered < this.#sent) return;
    void this.#end();
  }

  /** No transaction is begun any more, and what is open is ended; aborted at `untilUs` if answers are still missing. */
  async stop(untilUs: number): Promise<void> {
    this.#stopping = true;
    this.endWhenAnswered();
    const { clock } = this.#options.context;
    while (!this.idle && clock.nowUs() < untilUs) await pause(10);
    if (this.#state !== 'open' || this.#sent === 0) return;
    this.#spoilt = true;
    await Promise.race([this.#end(), pause(ABORT_MS)]);
  }

  async #begin(): Promise<void> {
    const { client, random, spec, onRoom } = this.#options;
    this.#state = 'opening';
    if (!(await client.begin())) return;
    this.#abort = random.next() < spec.abort;
    this.#spoilt = false;
    this.#state = 'open';
    onRoom();
  }

  async #end(): Promise<void> {
    const { client, streams, context, onProblem, onRoom } = this.#options;
    const { stream } = streams[0] as StreamState;
    const { ledger, clock } = context;
    const end = this.#abort || this.#spoilt ? 'abort' : 'commit';
    const transaction = this.#number;
    this.#state = 'ending';
    ledger.append({ kind: `${end}-intent`, stream, transaction, timeUs: clock.nowUs() });
    ledger.flush();
    // An end that is not on record is not asked for.
    if (ledger.broken) return;
    const { outcome, errorCode, error }: EndResult = await client[end]();
    const timeUs = clock.nowUs();
    ledger.append({ kind: 'transaction-outcome', stream, transaction, outcome, errorCode, timeUs });
    if (error !== null) onProblem(`${end}.${errorCode}`, error);
    if (this.#isFull()) this.#groups.shift();
    this.#number += 1;
    this.#sent = 0;
    this.#answered = 0;
    this.#state = 'none';
    onRoom();
  }
}

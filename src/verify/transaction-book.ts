/**
 * The transactions of a run, each held from its first record until its producer begins another and all its records
 * are answered: memory is that of the transactions that are open at one moment, of which a producer has one.
 *
 * How a transaction ended is three-valued, as for records. Committed and aborted: its producer was told so. Aborted as
 * well: its producer never asked for a commit, whatever became of its abort, because nobody else may commit it. That
 * holds for a producer that was killed too, because the commit is on disk before it is asked for. Everything else is
 * unknown: the commit was asked for, and not answered.
 */
import type { Outcome, RawEntry } from '../evidence/ledger.ts';
import { producerName, type StreamIndex } from './audit-index.ts';

/** Records [first, to) of a stream. */
export type Slice = { readonly stream: StreamIndex; readonly first: number; to: number };

/** A group was handed the offsets [from, to), where records of the stream stand, while it was open. */
export type EarlyDelivery = {
  readonly group: string;
  readonly stream: StreamIndex;
  readonly from: number;
  readonly to: number;
  readonly timeUs: number;
};

export type Transaction = {
  /** Whose it is: the first stream of its producer. */
  readonly of: StreamIndex;
  /** The n-th of its producer, from 0. */
  readonly number: number;
  /** What was given to the client. */
  readonly members: Slice[];
  /** What was acknowledged of it. */
  readonly acknowledged: RawEntry[];
  readonly early: EarlyDelivery[];
  /** When its first record was given to the client, and when the last thing was heard of it, in microseconds since t0. */
  readonly begunUs: number;
  timeUs: number;
  /** When its commit was asked for; null: it was not, as far as the ledger goes. */
  commitAskedUs: number | null;
  /** What its producer was told; null: nothing. */
  told: Outcome | null;
  /** Records that were given to the client and have no answer yet. */
  unanswered: number;
};

/** `acknowledged`: committed; `failed`: aborted. */
export function endOf({ told, commitAskedUs }: Transaction): Outcome {
  if (told === 'acknowledged' || told === 'failed') return told;
  return commitAskedUs === null ? 'failed' : 'unknown';
}

export const transactionName = ({ of, number }: Transaction): string =>
  `transaction ${number} of ${producerName(of)}`;

export class TransactionBook {
  readonly #streams: readonly StreamIndex[];
  /** Per stream, the first stream of its producer. */
  readonly #firsts: readonly number[];
  readonly #onSettled: (transaction: Transaction) => void;
  /** By ledger and producer; oldest first. */
  readonly #open = new Map<string, Transaction[]>();

  /** `onSettled` is called once for every transaction, when nothing more can be heard of it. */
  constructor(streams: readonly StreamIndex[], onSettled: (transaction: Transaction) => void) {
    const firsts = new Map<string, number>();
    for (const stream of streams) {
      const name = producerName(stream);
      if (!firsts.has(name)) firsts.set(name, stream.number);
    }
    this.#streams = streams;
    this.#firsts = streams.map((stream) => firsts.get(producerName(stream)) ?? stream.number);
    this.#onSettled = onSettled;
  }

  /** What nothing is known of yet but its beginning, and what its producer may still say more about. */
  *open(): Iterable<Transaction> {
    for (const transactions of this.#open.values()) yield* transactions;
  }

  /** Of one ledger, by its number; null for an entry that belongs to no transaction. */
  add(entry: RawEntry, source: number): Transaction | null {
    if (entry.transaction < 0) return null;
    const first = this.#firsts[entry.stream];
    const of = first === undefined ? undefined : this.#streams[first];
    if (of === undefined) {
      throw new Error(`a ledger names stream ${entry.stream}, which the run does not have`);
    }
    const key = `${source} ${first}`;
    const open = this.#open.get(key) ?? [];
    const known = open.find(({ number }) => number === entry.transaction);
    const transaction = known ?? newTransaction(of, entry);
    // A producer that begins another one has said all it had to say.
    if (known === undefined) this.#open.set(key, [...this.#settleOver(open), transaction]);
    this.#note(transaction, entry);
    return transaction;
  }

  /** The ledgers are over: what is open stays as it is. */
  end(): void {
    for (const transaction of this.open()) this.#onSettled(transaction);
    this.#open.clear();
  }

  /** Returns those that are not over. */
  #settleOver(open: readonly Transaction[]): Transaction[] {
    return open.filter((transaction) => {
      const over = transaction.told !== null && transaction.unanswered <= 0;
      if (over) this.#onSettled(transaction);
      return !over;
    });
  }

  #note(transaction: Transaction, entry: RawEntry): void {
    transaction.timeUs = entry.timeUs;
    switch (entry.kind) {
      case 'intent':
        transaction.unanswered += entry.count;
        addMember(transaction.members, this.#streams[entry.stream] as StreamIndex, entry);
        break;
      case 'outcome':
        transaction.unanswered -= entry.count;
        if (entry.outcome === 'acknowledged') transaction.acknowledged.push({ ...entry });
        break;
      case 'commit-intent':
        transaction.commitAskedUs = entry.timeUs;
        break;
      case 'abort-intent':
        break;
      case 'transaction-outcome':
        transaction.told = entry.outcome;
        break;
      default:
        throw new Error(`a ledger's entry of kind ${entry.kind} names a transaction`);
    }
  }
}

const newTransaction = (of: StreamIndex, { transaction, timeUs }: RawEntry): Transaction => ({
  of,
  number: transaction,
  begunUs: timeUs,
  members: [],
  acknowledged: [],
  early: [],
  timeUs: 0,
  commitAskedUs: null,
  told: null,
  unanswered: 0,
});

function addMember(members: Slice[], stream: StreamIndex, { first, count }: RawEntry): void {
  const last = members.findLast((slice) => slice.stream === stream);
  if (last?.to === first) last.to += count;
  else members.push({ stream, first, to: first + count });
}

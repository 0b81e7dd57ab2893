/**
 * What a relay makes of an input record: which records, with which keys, and where they go. All of it is a pure
 * function of where the input stood and of its identity (stream and sequence, from its stamp), so that whoever reads
 * an output can say what it must have been, and any member of the relay makes the same of the same input.
 */
import { unitAt } from './hash.ts';
import { keyOfRank } from './keys.ts';
import { partitionOfKey } from './partitioner.ts';

/** `copy`: the record again. `transfer`: money from one account to another, as a debit and a credit. */
export type Makes = 'copy' | 'transfer';

/** How many output records an input record has. */
export const LEGS: Readonly<Record<Makes, number>> = { copy: 1, transfer: 2 };

const ACCOUNTS = 1000;
const LARGEST_AMOUNT = 10_000;
const SALT = { from: 11, to: 12, amount: 13 } as const;

/** Accounts by number; always two different ones. The amount is whole cents, at least 1. */
export type Transfer = { readonly from: number; readonly to: number; readonly amount: number };

/** The transfer that the input record stands for. */
export function transferOf(stream: number, sequence: number): Transfer {
  const below = (bound: number, salt: number) => Math.floor(unitAt(stream, salt, sequence) * bound);
  const from = below(ACCOUNTS, SALT.from);
  // One of the others: as many steps round as never lead back.
  const to = (from + 1 + below(ACCOUNTS - 1, SALT.to)) % ACCOUNTS;
  return { from, to, amount: 1 + below(LARGEST_AMOUNT, SALT.amount) };
}

export type Input = {
  readonly stream: number;
  readonly sequence: number;
  /** Of the input topic. */
  readonly partition: number;
};

export type Relayed = {
  readonly leg: number;
  /** Null for a copy: it goes by its partition. */
  readonly key: Buffer | null;
  readonly partition: number;
  /** What is added to the balance of the account; 0 for a copy. Over the legs of one input it adds up to 0. */
  readonly amount: number;
};

/** In the order of the legs; `partitions`: how many the output topic has. */
export function relayedOf(makes: Makes, input: Input, partitions: number): readonly Relayed[] {
  if (makes === 'copy') {
    return [{ leg: 0, key: null, partition: input.partition % partitions, amount: 0 }];
  }
  const { from, to, amount } = transferOf(input.stream, input.sequence);
  return [entry(0, from, -amount, partitions), entry(1, to, amount, partitions)];
}

/** A line in the account's book: a debit or a credit. */
function entry(leg: number, account: number, amount: number, partitions: number): Relayed {
  const key = keyOfRank(account);
  return { leg, key, partition: partitionOfKey(key, partitions), amount };
}

/**
 * What a load asks of a Kafka client library. Producers speak in slices of sequence numbers, so that no object per
 * record has to cross this line; an adapter materialises the messages through the payload source.
 */
import type { Address } from '../lib/address.ts';
import type { Clock } from '../lib/clock.ts';
import type { Route } from '../lib/route.ts';
import type { KafkaConfig } from '../scenario/scenario.ts';

/** Records [firstSequence, firstSequence + count) of one stream. */
export type Slice = {
  readonly stream: number;
  readonly partition: number;
  readonly firstSequence: number;
  readonly count: number;
};

export type SendOutcome = 'acknowledged' | 'failed' | 'unknown';

export type SendResult = {
  /** `failed` only when it is certain that nothing was, or will be, appended. */
  readonly outcome: SendOutcome;
  /** Kafka's code; 0 for none, -2 when the error is not Kafka's. */
  readonly errorCode: number;
  /** The client's words, or null. */
  readonly error: string | null;
  /** Offset of the first record, -1 when the client does not tell. */
  readonly baseOffset: number;
  /** How often the slice was handed to a socket. */
  readonly attempts: number;
  /** When it was last handed to a socket, on the run clock; -1 when it never was. */
  readonly writtenUs: number;
};

/** Makes the content of records that are about to be sent. */
export type PayloadSource = {
  keyOf(stream: number, sequence: number): Buffer | null;
  valueOf(stream: number, sequence: number): Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where the values differ in more than their stamps, or have keys. */
  readonly fixed: FixedValues | null;
};

/** Values of one size and without keys, so that a client may encode them once and write only their stamps. */
export type FixedValues = {
  readonly runId: number;
  readonly bytes: number;
  /** A value with the filler of its own; its stamp means nothing. */
  sample(i: number): Buffer;
  /** When the record was meant to be sent, in run-clock microseconds, at least 0. */
  intendedUs(stream: number, sequence: number): number;
  /** The same of `count` records. */
  intendedInto(stream: number, firstSequence: number, count: number, into: Float64Array): void;
  /** How far apart they were meant to be sent, to the microsecond; null where that differs from record to record. */
  spacingUs(stream: number, firstSequence: number, count: number): number | null;
};

export interface ProducerClient {
  /** How many slices of one stream may be unanswered at once. */
  readonly maxOutstanding: number;
  /**
   * The order in which keyless records had best go round the partitions, each once; known from `connect` on. Absent: any
   * order is as good.
   */
  readonly rounds?: readonly number[];
  connect(): Promise<void>;
  /** Calls `done` exactly once, never before it returns; nothing is thrown for what Kafka does. */
  send(slice: Slice, done: (result: SendResult) => void): void;
  /** Never takes longer than `deadlineMs`; slices without an answer get none any more. */
  close(deadlineMs: number): Promise<void>;
}

export type EndResult = {
  /**
   * `acknowledged`: as asked for, committed. `failed`: certainly not committed, nor ever will be. `unknown`: a commit
   * was asked for, and nobody knows what became of it.
   */
  readonly outcome: SendOutcome;
  /** Kafka's code; 0 for none, -2 when the error is not Kafka's. */
  readonly errorCode: number;
  /** The client's words, or null. */
  readonly error: string | null;
};

/**
 * Sends in transactions, one after the other: `send` only after `begin`, the next `begin` after a `commit` or `abort`.
 * After anything but a clean end the instance under it is retired, and the next `begin` makes a new one with the same
 * transactional id. That fences the old one and settles what it left open; after a commit of unknown outcome nothing
 * else is safe (KAFKA-17754).
 */
export interface TransactionalProducerClient extends ProducerClient {
  /** Tries until a transaction is open; false when the client was closed meanwhile. Throws nothing for what Kafka does. */
  begin(): Promise<boolean>;
  /** Only when every send of the transaction was acknowledged. */
  commit(): Promise<EndResult>;
  abort(): Promise<EndResult>;
}

/** The transactions in which one partition of a relay's input is worked off. */
export interface RelayOutput extends TransactionalProducerClient {
  /**
   * Makes it part of the open transaction that the group reads on from `nextOffset` of the input partition. False when
   * that was not accepted: the transaction can only be aborted then.
   */
  sendOffset(nextOffset: number): Promise<boolean>;
}

/** Records of one partition as the library handed them over, in offset order; offsets may have gaps. */
export type ConsumedBatch = {
  readonly partition: number;
  readonly count: number;
  offsetAt(i: number): number;
  /** Null for a tombstone. */
  valueAt(i: number): Buffer | null;
  /** The same, where the client knows all of it byte for byte: then nobody has to look at every record. */
  readonly repeats?: readonly RepeatedBatch[];
};

/** Records of a batch that are those of an earlier one, read record by record then, but for the first one's stamp. */
export type RepeatedBatch = {
  readonly baseOffset: number;
  /** At consecutive offsets. */
  readonly count: number;
  /** Of each value. */
  readonly valueBytes: number;
  /** The first record's value. */
  readonly first: Buffer;
  /** By record, for `count` of them at least: how many microseconds after the first it was meant to be sent. */
  readonly delaysUs: Float64Array;
};

export type ConsumerHandlers = {
  /** Handed over; the next batch, and what follows in the group's name (a commit), come after it is processed. */
  readonly onBatch: (batch: ConsumedBatch) => Promise<void>;
  /** The group's coordinator accepted: the next record to read is `nextOffset`. */
  readonly onCommitted: (partition: number, nextOffset: number) => void;
  readonly onAssigned: (partitions: readonly number[]) => void;
  readonly onRevoked: (partitions: readonly number[]) => void;
};

export type RelayHandlers = Omit<ConsumerHandlers, 'onBatch'> & {
  /**
   * What was read is to be worked off through `output`, its offset included. `done`: the group reads on behind it.
   * `again`: nothing of it counts, and reading goes back to the last committed offset.
   */
  readonly onBatch: (batch: ConsumedBatch, output: RelayOutput) => Promise<'done' | 'again'>;
};

/** A member of a group that consumes, processes and produces. */
export type RelayClient = ConsumerClient;

export interface ConsumerClient {
  /** Joins the group and reads until closed; resolves when it has joined for the first time. */
  start(): Promise<void>;
  /** Commits, leaves the group and joins it again; resolves when that is under way, and never rejects. */
  rejoin(): Promise<void>;
  /** Commits, leaves the group; never takes longer than `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export type ClientContext = {
  readonly bootstrap: readonly Address[];
  /**
   * Asked for every address before it is dialled, those of `bootstrap` too. TLS still verifies the name that was
   * asked for, never the one that is dialled. It throws for an address that must not be dialled.
   */
  readonly route: Route;
  /** Kafka's security settings, as the scenario gives them. */
  readonly connection: KafkaConfig;
  /** Effective settings, defaults included (see resolve.ts). */
  readonly config: KafkaConfig;
  /** Tells this instance apart in Kafka's logs. */
  readonly clientId: string;
  readonly topic: string;
  readonly clock: Clock;
  /** What the library complained about: `code` is short and stable, `message` its words. */
  readonly onProblem: (code: string, message: string) => void;
};

export type ProducerContext = ClientContext & {
  readonly source: PayloadSource;
  readonly sends: 'one-partition' | 'many-partitions';
  /** What an idempotent producer does after a send that was not acknowledged: take a new producer id, or go on. */
  readonly afterGivingUp: 'renew' | 'reuse';
};

export type TransactionalContext = Omit<ProducerContext, 'sends' | 'afterGivingUp'> & {
  readonly transactionalId: string;
};

export type ConsumerContext = ClientContext & {
  readonly group: string;
  /**
   * At most so many records are handed over at a time; what is left of a fetch when its partition is given up goes to
   * the next owner. Absent: as they come.
   */
  readonly recordsAtOnce?: number | undefined;
  readonly handlers: ConsumerHandlers;
};

export type RelayContext = ClientContext & {
  readonly group: string;
  /** The output topic; `topic` is the input. */
  readonly to: string;
  /** Makes the records of the output. */
  readonly source: PayloadSource;
  /**
   * Of the producer that works an input partition off, whichever member has it. One for each partition fences the
   * member that had it before: kafkajs does not send the group's generation with offsets (KIP-447), so a single one for
   * each member would let a frozen one commit after its partitions have gone to others.
   */
  readonly transactionalIdOf: (partition: number) => string;
  readonly handlers: RelayHandlers;
};

/** One client library. */
export type ClientLibrary = {
  createProducer(context: ProducerContext): ProducerClient;
  /** Sends made together are cheapest, so the harness looks at what is due once per `linger.ms` and not all the time. */
  readonly oncePerLinger?: boolean;
  /** Absent: the library has no transactions. Planning refuses such a load (check.ts). */
  createTransactionalProducer?(context: TransactionalContext): TransactionalProducerClient;
  /** Absent: the library cannot consume. Planning refuses such a load (check.ts). */
  createConsumer?(context: ConsumerContext): ConsumerClient;
  /** Absent, as transactions. */
  createRelay?(context: RelayContext): RelayClient;
};

/** The coordinator of every transaction: who may write, what is open, and the markers that end it. */
import type { RequestOf } from '../../src/wire/api.ts';
import { readBatchHeader } from '../../src/wire/batch.ts';
import { encodeBatch } from '../../src/wire/encode-batch.ts';
import { codeOf } from '../../src/wire/errors.ts';
import type { addPartitionsToTxn, endTxn, txnOffsetCommit } from './apis.ts';
import type { Groups } from './groups.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Store } from './store.ts';

const INVALID_EPOCH = codeOf('INVALID_PRODUCER_EPOCH');
const INVALID_MAPPING = codeOf('INVALID_PRODUCER_ID_MAPPING');
const INVALID_STATE = codeOf('INVALID_TXN_STATE');
const TRANSACTIONAL_CONTROL = 0x30;

/** About the n-th EndTxn that arrives, from 0. */
export type EndLie = {
  readonly end: number;
  /** What is done: as asked, or nothing at all. */
  readonly applied: boolean;
  /** Where the opposite is done of what was asked: on all partitions, or on one of them. */
  readonly reversed?: 'all' | 'one';
  /** The error it is answered with; null: it is not answered. */
  readonly code: number | null;
};

type Producer = {
  readonly id: number;
  epoch: number;
  /** `topic/partition` of the open transaction. */
  readonly partitions: Map<string, PartitionLog>;
  /** Offsets of groups in the open transaction, each to be made good when it is committed. */
  readonly offsets: { readonly groupId: string; readonly place: string; readonly offset: number }[];
};

type Claim = {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
};

export class Transactions {
  /** By transactional id. */
  readonly #producers = new Map<string, Producer>();
  readonly #store: Store;
  readonly #groups: Groups;
  readonly #lies: readonly EndLie[];
  #ends = 0;
  #nextId = 1000;

  constructor(store: Store, groups: Groups, lies: readonly EndLie[]) {
    this.#store = store;
    this.#groups = groups;
    this.#lies = lies;
  }

  /** A producer with a transactional id fences who had it before, and aborts what that one left open. */
  async init(transactionalId: string | null): Promise<{ id: number; epoch: number }> {
    const known = transactionalId === null ? undefined : this.#producers.get(transactionalId);
    if (known !== undefined) {
      known.epoch += 1;
      await this.#finish(known, false);
      return known;
    }
    const producer = { id: this.#nextId++, epoch: 0, partitions: new Map(), offsets: [] };
    if (transactionalId !== null) this.#producers.set(transactionalId, producer);
    return producer;
  }

  add(request: RequestOf<typeof addPartitionsToTxn>): number {
    const producer = this.#find(request);
    if (typeof producer === 'number') return producer;
    for (const { name, partitions } of request.topics) {
      for (const partition of partitions) {
        const log = this.#store.find(name, partition);
        if (log !== undefined) producer.partitions.set(`${name}/${partition}`, log);
      }
    }
    return 0;
  }

  addOffsets(request: RequestOf<typeof txnOffsetCommit>): number {
    const producer = this.#find(request);
    if (typeof producer === 'number') return producer;
    const { groupId, topics } = request;
    for (const { name, partitions } of topics) {
      for (const { partition, offset } of partitions) {
        producer.offsets.push({ groupId, place: `${name}/${partition}`, offset });
      }
    }
    return 0;
  }

  /** Whether somebody may act for the transactional id: the error code. */
  check(request: Claim): number {
    const producer = this.#find(request);
    return typeof producer === 'number' ? producer : 0;
  }

  /** The error code; null: no answer. */
  async end(request: RequestOf<typeof endTxn>): Promise<number | null> {
    const number = this.#ends++;
    const lie = this.#lies.find(({ end }) => end === number);
    const producer = this.#find(request);
    if (typeof producer === 'number') return producer;
    if (producer.partitions.size + producer.offsets.length === 0) return INVALID_STATE;
    if (lie?.applied !== false) await this.#finish(producer, request.committed, lie?.reversed);
    return lie === undefined ? 0 : lie.code;
  }

  async #finish(producer: Producer, asked: boolean, reversed?: EndLie['reversed']): Promise<void> {
    for (const { groupId, place, offset } of producer.offsets.splice(0)) {
      if (asked) this.#groups.of(groupId).committed.set(place, offset);
    }
    const logs = [...producer.partitions.values()];
    producer.partitions.clear();
    for (const [i, log] of logs.entries()) {
      const lied = reversed === 'all' || (reversed === 'one' && i === 0);
      const committed = lied ? !asked : asked;
      const bytes = await encodeBatch({
        records: [
          {
            key: Buffer.from([0, 0, 0, committed ? 1 : 0]),
            value: Buffer.from([0, 0, 0, 0, 0, 0]),
          },
        ],
        flags: TRANSACTIONAL_CONTROL,
        producerId: producer.id,
        producerEpoch: producer.epoch,
      });
      const header = readBatchHeader(bytes, 0);
      if (header === null) throw new Error('a marker without a header');
      log.endTransaction(producer.id, committed, log.append(bytes, header));
    }
    this.#store.announce();
  }

  #find({ transactionalId, producerId, producerEpoch }: Claim): Producer | number {
    const producer = this.#producers.get(transactionalId);
    if (producer?.id !== producerId) return INVALID_MAPPING;
    return producer.epoch === producerEpoch ? producer : INVALID_EPOCH;
  }
}

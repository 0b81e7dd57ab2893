/**
 * Which key each record of a load had, by its stream and sequence: recomputed, because keys are a function of the seed
 * and the record's number, and its producer offered every one in turn. So it holds as long as no worker of the load
 * was lost. Costs four bytes a record, and only where it is asked for.
 */
import type { StreamTable } from '../evidence/streams.ts';
import { createRanks, keyOfRank } from '../scenario/records/keys.ts';
import { partitionOfKey } from '../scenario/records/partitioner.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { KeyModel } from '../scenario/traffic.ts';

/** Records held at most, 80 MB of them. */
const MAX_RECORDS = 20_000_000;

type Keyed = Exclude<KeyModel, { kind: 'none' }>;

/** One producer's records so far, by partition. */
type Producer = { next: number; readonly ranks: readonly Ranks[] };

export class RecordKeys {
  readonly #load: ProduceLoad;
  readonly #rankOf: (index: number) => number;
  readonly #producers: readonly Producer[];
  #held = 0;

  constructor(load: ProduceLoad, model: Keyed, seed: number, { partitions }: StreamTable) {
    const count = partitions.filter(({ topic }) => topic === load.topic).length;
    this.#load = load;
    this.#rankOf = createRanks(model, seed);
    this.#producers = Array.from({ length: load.producers }, () => ({
      next: 0,
      ranks: Array.from({ length: count }, () => new Ranks()),
    }));
  }

  get bytes(): number {
    return this.#producers.flatMap(({ ranks }) => ranks).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The rank of the key of the producer's record of this sequence; null: there are too many to tell. */
  rankOf(producer: number, partition: number, sequence: number): number | null {
    const mine = this.#producers[producer];
    const ranks = mine?.ranks[partition];
    if (mine === undefined || ranks === undefined) return null;
    while (ranks.length <= sequence) {
      if (this.#held++ >= MAX_RECORDS) return null;
      const rank = this.#rankOf(mine.next++ * this.#load.producers + producer);
      mine.ranks[partitionOfKey(keyOfRank(rank), mine.ranks.length)]?.push(rank);
    }
    return ranks.at(sequence);
  }
}

/** Numbers in the order they come, four bytes each. */
class Ranks {
  #values = new Uint32Array(64);
  length = 0;

  get bytes(): number {
    return this.#values.byteLength;
  }

  push(rank: number): void {
    if (this.length === this.#values.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = rank;
  }

  at(i: number): number {
    return this.#values[i] as number;
  }
}

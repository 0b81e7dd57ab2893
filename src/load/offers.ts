/**
 * Which records this worker offers, and where they go. The records of a load are numbered 0, 1, 2 … over all its
 * workers; record i belongs to producer i mod P, and its partition follows from its key or from its number, so every
 * worker knows its own share without asking anyone.
 */
import type { KeyOf } from '../scenario/records/keys.ts';
import { partitionOfKey, roundRobin } from '../scenario/records/partitioner.ts';
import type { ProduceLoad } from '../scenario/scenario.ts';
import type { Rate } from '../scenario/traffic.ts';
import type { Batching } from './accumulator.ts';

export type Share = {
  /** Of the whole load. */
  readonly producers: number;
  readonly partitions: number;
  readonly keyOf: KeyOf;
  readonly keyed: boolean;
  /** How many keyless records in a row go to one partition. */
  readonly run: number;
};

/**
 * As many records as a producer is due within its linger, but no more than fill a batch: one record per request would
 * load a cluster with requests and not with records. 1 when sends are to span partitions.
 */
export function runLength(load: ProduceLoad, { lingerUs, batchBytes }: Batching): number {
  if (load.sends === 'many-partitions') return 1;
  const meanBytes = load.size.reduce((sum, { bytes, weight }) => sum + bytes * weight, 0);
  const perBatch = batchBytes / meanBytes;
  const perLinger =
    load.rate.kind === 'max'
      ? perBatch
      : ((peakOf(load.rate) / load.producers) * lingerUs) / 1_000_000;
  return Math.max(1, Math.floor(Math.min(perLinger, perBatch)));
}

function peakOf(rate: Exclude<Rate, { kind: 'max' }>): number {
  if (rate.kind === 'constant') return rate.perSecond;
  return Math.max(rate.fromPerSecond, ...rate.stages.map(({ toPerSecond }) => toPerSecond));
}

/** The load-wide index of a producer's nth record. */
export const indexOfNth = (nth: number, producer: number, { producers }: Share): number =>
  producer + nth * producers;

/** How many of the records before `index` are the producer's. */
export const countBefore = (index: number, producer: number, { producers }: Share): number =>
  Math.max(0, Math.ceil((index - producer) / producers));

export function partitionOfNth(nth: number, producer: number, share: Share): number {
  const { partitions, keyed, run } = share;
  if (!keyed) return roundRobin(nth, producer, partitions, run);
  return partitionOfKey(share.keyOf(indexOfNth(nth, producer, share)) as Buffer, partitions);
}

/** How many of a producer's records from the nth on go to its partition in a row, as far as that is known. */
export const inARow = (nth: number, { keyed, run }: Share): number =>
  keyed ? 1 : run - (nth % run);

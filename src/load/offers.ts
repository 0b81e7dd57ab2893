/**
 * Which records this worker offers, and where they go. The records of a load are numbered 0, 1, 2 … over all its
 * workers; record i belongs to producer i mod P, and its partition follows from its key or from its number, so every
 * worker knows its own share without asking anyone.
 */
import type { KeyOf } from '../scenario/records/keys.ts';
import { partitionOfKey, roundRobin } from '../scenario/records/partitioner.ts';
import type { ProduceLoad, Rate } from '../scenario/scenario.ts';
import type { Batching } from './accumulator.ts';

export type Route = { readonly producer: number; readonly partition: number };

export type Share = {
  readonly producers: number;
  readonly partitions: number;
  /** The producers of this worker, ascending. */
  readonly members: readonly number[];
  readonly keyOf: KeyOf;
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

/** The load-wide index of this worker's nth record. */
export function indexOfNth(nth: number, { members, producers }: Share): number {
  const round = Math.floor(nth / members.length);
  return round * producers + (members[nth % members.length] as number);
}

/** How many of the records before `index` are this worker's: the n from which on `indexOfNth` is at least `index`. */
export function nthAt(index: number, { members, producers }: Share): number {
  const rest = index % producers;
  const begun = members.filter((member) => member < rest).length;
  return Math.floor(index / producers) * members.length + begun;
}

export function routeOf(index: number, { producers, partitions, keyOf, run }: Share): Route {
  const producer = index % producers;
  const key = keyOf(index);
  const partition =
    key === null
      ? roundRobin(Math.floor(index / producers), producer, partitions, run)
      : partitionOfKey(key, partitions);
  return { producer, partition };
}

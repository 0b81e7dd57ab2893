/**
 * Which records this worker offers, and where they go. The records of a load are numbered 0, 1, 2 … over all its
 * workers; record i belongs to producer i mod P, and its partition follows from its key or from its number, so every
 * worker knows its own share without asking anyone.
 */
import type { KeyOf } from '../payload/keys.ts';
import { partitionOfKey, roundRobin } from '../payload/partitioner.ts';

export type Route = { readonly producer: number; readonly partition: number };

export type Share = {
  readonly producers: number;
  readonly partitions: number;
  /** The producers of this worker, ascending. */
  readonly members: readonly number[];
  readonly keyOf: KeyOf;
};

/** The load-wide index of this worker's nth record. */
export function indexOfNth(nth: number, { members, producers }: Share): number {
  const round = Math.floor(nth / members.length);
  return round * producers + (members[nth % members.length] as number);
}

export function routeOf(index: number, { producers, partitions, keyOf }: Share): Route {
  const producer = index % producers;
  const key = keyOf(index);
  const partition =
    key === null
      ? roundRobin(Math.floor(index / producers), producer, partitions)
      : partitionOfKey(key, partitions);
  return { producer, partition };
}

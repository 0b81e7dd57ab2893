/**
 * The streams of a run. A stream is one (load, producer, partition): its records are numbered 0, 1, 2 … in the
 * order they were offered. Stored as `ledger/streams.json`; indices appear in payload stamps and ledgers.
 */

export type Stream = {
  readonly load: string;
  /** 0 … producers-1 within the load. */
  readonly producer: number;
  readonly topic: string;
  readonly partition: number;
  /** Index into `StreamTable.partitions`. */
  readonly place: number;
};

export type Place = { readonly topic: string; readonly partition: number };

export type StreamTable = {
  /** A random 32-bit number in every stamp: records of other runs are foreign traffic. */
  readonly runId: number;
  /** Indexed by stream number. */
  readonly streams: readonly Stream[];
  /** Every topic-partition of the scenario, indexed by `place`. */
  readonly partitions: readonly Place[];
};

type Traffic = { readonly name: string; readonly topic: string; readonly producers: number };

/** Streams of one load are contiguous, producer by producer, partition by partition. */
export function createStreamTable(
  runId: number,
  topics: Readonly<Record<string, { readonly partitions: number }>>,
  loads: readonly Traffic[],
): StreamTable {
  const partitions = Object.entries(topics).flatMap(([topic, spec]) =>
    Array.from({ length: spec.partitions }, (_, partition) => ({ topic, partition })),
  );
  const streams = loads.flatMap((load) =>
    Array.from({ length: load.producers }, (_, producer) => producer).flatMap((producer) =>
      partitions.flatMap(({ topic, partition }, place) =>
        topic === load.topic ? [{ load: load.name, producer, topic, partition, place }] : [],
      ),
    ),
  );
  return { runId, streams, partitions };
}

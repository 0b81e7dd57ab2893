/**
 * The streams of a run. A stream is one (load, producer, partition): its records are numbered 0, 1, 2 … in the
 * order they were offered. Stored as `ledger/streams.json`; indices appear in payload stamps and ledgers.
 *
 * What relays write has streams too, numbered behind those of the producers: one for each input stream and leg. A
 * record there carries the sequence of the input record it was made of, so its order and its place say nothing, and
 * none of the producers' rules apply. They are kept apart for that reason.
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
  /** Stream number `streams.length + i` is the i-th of these. Absent: no relays. */
  readonly relayed?: readonly RelayedStream[];
};

/** The outputs that a relay makes of one stream's records, one for each of them. */
export type RelayedStream = {
  /** The relay. */
  readonly load: string;
  /** The topic it writes to; which partition depends on the record. */
  readonly topic: string;
  /** Number of the input stream. */
  readonly source: number;
  /** Which of the outputs of an input record, from 0. */
  readonly leg: number;
};

type Traffic = { readonly name: string; readonly topic: string; readonly producers: number };

/** Reads `topic`, and writes `legs` records to `to` for each. */
type Relaying = {
  readonly name: string;
  readonly topic: string;
  readonly to: string;
  readonly legs: number;
};

/**
 * Streams of one load are contiguous, producer by producer, partition by partition; those of one relay are so by input
 * stream and leg. A relay works off what producers write to its topic, not what other relays do.
 */
export function createStreamTable(
  runId: number,
  topics: Readonly<Record<string, { readonly partitions: number }>>,
  loads: readonly Traffic[],
  relays: readonly Relaying[] = [],
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
  const relayed = relays.flatMap((relay) => relayedStreams(relay, streams));
  return { runId, streams, partitions, ...(relays.length === 0 ? {} : { relayed }) };
}

const relayedStreams = (
  { name, topic, to, legs }: Relaying,
  streams: readonly Stream[],
): readonly RelayedStream[] =>
  streams.flatMap((stream, source) =>
    stream.topic === topic
      ? Array.from({ length: legs }, (_, leg) => ({ load: name, topic: to, source, leg }))
      : [],
  );

/** What a relay made under this stream number; undefined for a producer's stream and for no stream at all. */
export const relayedStream = (
  { streams, relayed = [] }: StreamTable,
  number: number,
): RelayedStream | undefined => relayed[number - streams.length];

/** The number under which `load` writes that leg of the input stream; undefined when it does not read that stream. */
export function numberOfRelayed(
  { streams, relayed = [] }: StreamTable,
  wanted: Pick<RelayedStream, 'load' | 'source' | 'leg'>,
): number | undefined {
  const at = relayed.findIndex(
    ({ load, source, leg }) =>
      load === wanted.load && source === wanted.source && leg === wanted.leg,
  );
  return at < 0 ? undefined : streams.length + at;
}

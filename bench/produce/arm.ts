/** One contestant of the produce bench: what it is given, and what it is asked for. */
import type { KafkaJars } from '../../src/host/kafka-jars.ts';
import type { Address } from '../../src/lib/address.ts';

export type Round = {
  readonly bootstrap: readonly Address[];
  /** A fresh topic of its own. */
  readonly topic: string;
  readonly partitions: number;
  readonly recordBytes: number;
  /** Records a second, Infinity for as many as it can; an arm that cannot keep up with it says what it does instead (`ratePerSecond`). */
  readonly rate: number;
  /** Producer settings by Kafka's names, alike for all that have them. */
  readonly config: Readonly<Record<string, string>>;
  /** Not counted, and counted. */
  readonly warmupS: number;
  readonly measureS: number;
  /** For whatever an arm writes. */
  readonly folder: string;
  readonly jars: KafkaJars;
};

export type Sample = {
  /** User and system time of the process, from its first counted record to its last. */
  readonly cpuSecondsPerMillion: number;
  /** Acknowledged. */
  readonly ratePerSecond: number;
  /** Of the latency that it tells; null when it tells none. */
  readonly p99Ms: number | null;
};

export type Arm = {
  readonly name: string;
  /** Null when it can run; otherwise why not. */
  missing(): string | null;
  run(round: Round): Promise<Sample>;
};

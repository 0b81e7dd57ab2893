/** One contestant of the consume bench: what it is given, and what it is asked for. */
import type { KafkaJars } from '../../src/host/kafka-jars.ts';
import type { Address } from '../../src/lib/address.ts';

export type Round = {
  readonly bootstrap: readonly Address[];
  /** Filled before, by one producer of ours. */
  readonly topic: string;
  readonly partitions: number;
  /** To be read from the beginning. */
  readonly records: number;
  /** Tells the groups of a bench apart. */
  readonly number: number;
  /** For whatever an arm writes. */
  readonly folder: string;
  readonly jars: KafkaJars;
};

export type Sample = {
  /** User and system time of the process while it reads. */
  readonly cpuSecondsPerMillion: number;
  readonly ratePerSecond: number;
};

export type Arm = {
  readonly name: string;
  /** Null when it can run; otherwise why not. */
  missing(): string | null;
  run(round: Round): Promise<Sample>;
};

/**
 * What the harness and a load worker say to each other. Plain JSON in both directions, and nothing that needs one
 * machine: where a worker keeps its ledger, and how it is reached, is told to its process and not in here.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { Place } from '../evidence/streams.ts';
import type { Address } from '../lib/address.ts';
import type { RouteTable } from '../lib/route.ts';
import type { KafkaNames } from '../scenario/kafka-names.ts';
import type { KafkaConfig, LoadSpec } from '../scenario/scenario.ts';
import type { Schedule } from './control.ts';

/** What one worker is to do. Lists are complete: a worker looks nothing up anywhere else. */
export type WorkerPlan = {
  readonly load: LoadSpec;
  readonly worker: number;
  /** The producers or consumers (0 … count−1 within the load) that live in this worker. */
  readonly members: readonly number[];
  readonly runId: number;
  readonly seed: number;
  readonly t0Ns: string;
  readonly bootstrap: readonly Address[];
  readonly routes: RouteTable;
  readonly connection: KafkaConfig;
  /** What the scenario's topics and groups are called in Kafka. */
  readonly names: KafkaNames;
  /** Effective client settings, defaults included. */
  readonly config: KafkaConfig;
  /** Every topic-partition of the run, indexed by place. */
  readonly places: readonly Place[];
  /** How many processes this worker had before: a fault killed them. */
  readonly incarnation: number;
  /** What those have begun. */
  readonly begun: readonly BegunStream[];
  /** Stream number of a produce load's producer 0, partition 0; streams of a load are contiguous. */
  readonly firstStream: number;
  /** What a relay writes of the records of each input stream. */
  readonly relayed: readonly RelayedNumber[];
};

/** The number of the first leg's stream; those of the other legs follow. */
export type RelayedNumber = { readonly source: number; readonly number: number };

/** A stream that the former processes of a worker wrote to. */
export type BegunStream = {
  readonly stream: number;
  /** The first sequence that none of them has used. */
  readonly next: number;
  /** One past the last of their transactions with a record of this stream; 0 for none. */
  readonly nextTransaction: number;
};

/** How a fault of the scenario disturbs the work of one worker; all of it, so that the last one counts. */
export type Disturbance = {
  /** Added to each batch of a consumer, or to each look of a producer at what is due; 0 for nothing. */
  readonly slowMs: number;
  /** How often the consumers leave their group and join it again; 0 for never. */
  readonly rejoinMs: number;
};

export const UNDISTURBED: Disturbance = { slowMs: 0, rejoinMs: 0 };

export type ToWorker =
  | { readonly type: 'start'; readonly plan: WorkerPlan }
  | { readonly type: 'begin'; readonly schedule: Schedule }
  /** Offering ends before the end of the schedule. */
  | { readonly type: 'end'; readonly endUs: number }
  | ({ readonly type: 'disturb' } & Disturbance)
  /** Ends the load; what is unanswered after `graceMs` is given up. */
  | { readonly type: 'stop'; readonly graceMs: number };

export type FromWorker =
  /** Connected; a consumer has joined its group. */
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: RunEvent }
  /** About once a second: what was counted since, and histogram log lines. */
  | {
      readonly type: 'counts';
      readonly seconds: readonly LoadSecond[];
      readonly histograms: readonly string[];
    }
  /** About ten times a second: totals since the start. */
  | {
      readonly type: 'status';
      readonly offered: number;
      readonly pending: number;
      readonly received: number;
      /** Batches, or looks at what is due, that a disturbance made longer. */
      readonly slowed: number;
    }
  /** The worker cannot go on, and it is not Kafka's doing. */
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    }
  /** Everything was sent and written; the process ends. */
  | { readonly type: 'stopped' };

/** The harness as a worker sees it. */
export type WorkerPort = {
  readonly send: (message: FromWorker) => void;
};

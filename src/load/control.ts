/**
 * The runner's side of the load: starts worker processes, tells them when to send, collects what they say.
 * The traffic itself never passes through here.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { LoadSecond } from '../evidence/series.ts';
import type { StreamTable } from '../evidence/streams.ts';
import type { Address } from '../lib/address.ts';
import type { OrdealError } from '../lib/errors.ts';
import type { RouteTable } from '../lib/route.ts';
import type { KafkaNames } from '../scenario/kafka-names.ts';
import type { KafkaConfig, LoadSpec } from '../scenario/scenario.ts';
import type { Disturbance } from './protocol.ts';

export type LoadPlan = {
  readonly loads: readonly LoadSpec[];
  readonly streams: StreamTable;
  readonly bootstrap: readonly Address[];
  readonly routes: RouteTable;
  readonly connection: KafkaConfig;
  readonly names: KafkaNames;
  readonly seed: number;
  /** The run's t0 as a decimal string of nanoseconds (process.hrtime.bigint). */
  readonly t0Ns: string;
  readonly runFolder: string;
};

/** When to offer traffic, in microseconds since t0. */
export type Schedule = {
  readonly warmupUs: number;
  readonly measureUs: number;
  readonly endUs: number;
};

export type LoadListener = {
  readonly onEvent: (event: RunEvent) => void;
  readonly onSecond: (second: LoadSecond) => void;
  /** One line of `histograms.hlog`, ready to be appended. */
  readonly onHistogram: (line: string) => void;
  /**
   * A worker cannot go on and it is not Kafka's doing, such as a full disk. Without this callback the failure is
   * reported as an `aborted` event.
   */
  readonly onFailure?: (error: OrdealError) => void;
};

/** How far a load has come; the runner polls it while it drains. */
export type LoadStatus = {
  readonly load: string;
  readonly kind: 'produce' | 'consume';
  readonly offered: number;
  /** Offered and not yet answered. */
  readonly pending: number;
  readonly received: number;
  readonly workersAlive: number;
};

/** One worker as faults see it: a real process. */
export interface WorkerControl {
  readonly load: string;
  /** Within its load, from 0. */
  readonly worker: number;
  /** Null while it has no process. */
  readonly pid: number | null;
  /** Batches, or looks at what is due, that a disturbance made longer so far. */
  readonly slowed: number;
  /** How often one of its consumers was assigned partitions so far. */
  readonly assignments: number;
  pause(): void;
  resume(): void;
  /** SIGKILL; resolves when it is gone. Its ledger stays, and what it had not heard of stays unknown. */
  kill(): Promise<void>;
  /**
   * A new process does the same work, with a ledger of its own; resolves when it is connected, consumers when they are
   * members of their group. Streams go on with sequences that nobody has used; the schedule has gone on meanwhile, and
   * what was due is dropped (`records-dropped`). Nothing to do while it lives, or once the load is stopping.
   */
  restart(): Promise<void>;
  /** What is in force now. */
  readonly disturbance: Disturbance;
  disturb(disturbance: Disturbance): void;
}

export interface RunningLoad extends AsyncDisposable {
  /** Producers connected, consumer groups stable with every partition assigned; throws after a deadline. */
  readonly ready: Promise<void>;
  begin(schedule: Schedule): void;
  /** Offering ends at `us`, before the schedule's end; what was offered is still sent and answered. */
  endAt(us: number): void;
  status(): readonly LoadStatus[];
  /** The workers of a load: one by its number, or all of them (null). */
  workers(load: string, worker: number | null): readonly WorkerControl[];
  /**
   * Ends the load: producers give up what is unanswered (its outcome stays unknown), consumers commit and leave,
   * ledgers are closed, workers exit; those that do not within `graceMs` are killed. Idempotent.
   */
  stop(graceMs: number): Promise<void>;
}

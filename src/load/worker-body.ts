/** What producer and consumer workers have in common, as the worker's runtime sees it. */
import type { SendResult, Slice } from '../clients/client.ts';
import type { RunEvent } from '../evidence/events.ts';
import type { LedgerEntry } from '../evidence/ledger.ts';
import type { Clock } from '../lib/clock.ts';
import type { Schedule } from './control.ts';
import type { Disturbance, WorkerPort } from './protocol.ts';
import type { Deltas } from './tally.ts';

/** Where entries go. A body stops sending once `broken`: what is sent without an intent could not be judged. */
export type LedgerSink = {
  readonly broken: boolean;
  append(entry: LedgerEntry): void;
  /** As `append`, for what every batch has. `transaction`: -1 outside of transactions. */
  intent(stream: number, first: number, count: number, transaction: number, timeUs: number): void;
  outcome(slice: Slice, transaction: number, result: SendResult, timeUs: number): void;
  /** What was appended outlives the process. */
  flush(): void;
};

export type BodyContext = {
  readonly clock: Clock;
  readonly ledger: LedgerSink;
  readonly port: WorkerPort;
};

export type WorkerTotals = {
  readonly offered: number;
  /** Offered and not yet answered. */
  readonly pending: number;
  readonly received: number;
  /** Batches, or looks at what is due, that a disturbance made longer. */
  readonly slowed: number;
};

export interface WorkerBody {
  /** How long the runtime may wait between two ticks. */
  readonly tickMs: number;
  /** Connected, and members of their group. */
  start(): Promise<void>;
  begin(schedule: Schedule): void;
  /** Nothing is offered from then on, though the schedule went further. */
  endAt(endUs: number): void;
  disturb(disturbance: Disturbance): void;
  /** Does what is due by now; never waits. */
  tick(): void;
  totals(): WorkerTotals;
  /** Events about the client's complaints since the last call. */
  problems(): RunEvent[];
  /** Counts since the last call; null before `begin`. */
  flush(): Deltas | null;
  /** Waits a little for answers, leaves Kafka, and counts what never got one. Never longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Everything that can happen in a run, as one append-only union, one JSON object a line in `events.ndjson`.
 * `t` is microseconds since the run's t0. Readers ignore types and keys they do not know.
 */

import type { AdminChange } from './admin-change.ts';
import type { LedgerEnd } from './ledger-end.ts';

export type FollowerTotals = {
  readonly read: number;
  readonly lost: number;
  readonly gone: number;
  readonly hidden: number;
  readonly skipped: number;
};

export type PhaseName = 'warmup' | 'measure' | 'drain';

export type RunEvent = { readonly t: number } & (
  | { readonly type: 'run-started'; readonly scenario: string; readonly seed: number }
  /** The traffic's schedule: warm-up starts at `warmupUs`, measure at `measureUs`, offering ends at `endUs`. */
  | {
      readonly type: 'schedule';
      readonly warmupUs: number;
      readonly measureUs: number;
      readonly endUs: number;
    }
  | { readonly type: 'phase-started'; readonly phase: PhaseName }
  | { readonly type: 'phase-ended'; readonly phase: PhaseName }
  | {
      readonly type: 'broker-started';
      readonly broker: number;
      readonly pid: number;
      readonly dataDir: string;
    }
  | {
      readonly type: 'broker-exited';
      readonly broker: number;
      readonly code: number | null;
      readonly signal: string | null;
      /** True when a fault or the end of the run did it. */
      readonly expected: boolean;
    }
  | {
      readonly type: 'worker-started';
      readonly load: string;
      readonly worker: number;
      /** How many processes it had before; absent for none. */
      readonly incarnation?: number;
      readonly pid: number;
    }
  | {
      readonly type: 'worker-exited';
      readonly load: string;
      readonly worker: number;
      readonly code: number | null;
      readonly signal: string | null;
      readonly expected: boolean;
    }
  /**
   * A worker of a produce load began again, and so many records that had been due until then were never given to its
   * client: nobody sent them, and nobody will.
   */
  | {
      readonly type: 'records-dropped';
      readonly load: string;
      readonly worker: number;
      readonly count: number;
      /** By producer, how many of its records had been offered or dropped by then. Absent in runs before 2026-11-24. */
      readonly behind?: Readonly<Record<string, number>>;
    }
  | { readonly type: 'fault-injecting'; readonly fault: string; readonly kind: string }
  /** In force from `t` on. `target` is what the role resolved to, such as `broker 2`. */
  | {
      readonly type: 'fault-injected';
      readonly fault: string;
      readonly kind: string;
      readonly where: string;
      readonly target: string;
    }
  /** Whether the effect was seen from outside; `evidence` says what was seen. */
  | {
      readonly type: 'fault-probed';
      readonly fault: string;
      readonly proven: boolean;
      readonly evidence: string;
    }
  | { readonly type: 'fault-healing'; readonly fault: string }
  | { readonly type: 'fault-healed'; readonly fault: string }
  /** Its budget was used up for as long as it would have lasted, so it was left out. */
  | { readonly type: 'fault-skipped'; readonly fault: string; readonly reason: string }
  /** It could not be injected or healed. */
  | {
      readonly type: 'fault-failed';
      readonly fault: string;
      readonly step: 'inject' | 'probe' | 'heal';
      readonly message: string;
    }
  /**
   * A fault took records from a broker's disk: those from this offset on, by `topic/partition`; null: all there were.
   */
  | {
      readonly type: 'log-lost';
      readonly fault: string;
      readonly broker: number;
      readonly from: Readonly<Record<string, number>> | null;
    }
  /** A fault asked Kafka for this: from now on it may be so, and what was before may be so still. */
  | { readonly type: 'change-asked'; readonly fault: string; readonly change: AdminChange }
  /** It was seen to be so: soon nothing of what was before is left. Never told when nobody saw it. */
  | { readonly type: 'change-seen'; readonly fault: string; readonly change: AdminChange }
  /** A topic of a cluster that others set up, as it was found: what it is judged by. All its settings, defaults too. */
  | {
      readonly type: 'topic';
      readonly topic: string;
      readonly inKafka: string;
      readonly partitions: number;
      readonly replicas: number;
      readonly config: Readonly<Record<string, string>>;
    }
  /** Sampled on HARNESS; written when it differs from the last one seen. `leader` is -1 when there is none. */
  | {
      readonly type: 'leadership';
      readonly topic: string;
      readonly partition: number;
      readonly leader: number;
      readonly epoch: number;
      readonly isr: readonly number[];
      readonly replicas: readonly number[];
    }
  | { readonly type: 'controller'; readonly id: number; readonly epoch: number }
  /** Consumers got or lost partitions. */
  | {
      readonly type: 'assignment';
      readonly load: string;
      readonly worker: number;
      readonly consumer: number;
      readonly change: 'assigned' | 'revoked';
      readonly partitions: readonly number[];
    }
  /** A group with a `start` begins: so much of the log as stands now is its backlog. */
  | { readonly type: 'consumers-started'; readonly load: string; readonly worker: number }
  /** Errors of a load's client, counted by message and second. */
  | {
      readonly type: 'client-error';
      readonly load: string;
      readonly worker: number;
      readonly code: string;
      readonly message: string;
      readonly count: number;
    }
  | { readonly type: 'observe-failed'; readonly message: string }
  /** How far the audit read a partition; one per partition. `from` was taken before the first send. */
  | {
      readonly type: 'audit';
      readonly topic: string;
      readonly partition: number;
      readonly from: number;
      /** End offset after healing; the audit must reach it by position. */
      readonly to: number;
      readonly position: number;
      /** Log start offset when the audit ended. */
      readonly logStart: number;
      readonly complete: boolean;
      readonly reason: string;
    }
  /**
   * How far the audit's second reading of a partition came, at isolation read_committed; one per partition of the
   * topics that transactions write to. `to` as in `audit`: the end of the log, not of what is stable.
   */
  | {
      readonly type: 'audit-committed';
      readonly topic: string;
      readonly partition: number;
      readonly from: number;
      readonly to: number;
      readonly position: number;
      readonly logStart: number;
      readonly complete: boolean;
      readonly reason: string;
    }
  /**
   * A transaction was still open on the partition when the audit began: after `waitedMs` without traffic and faults
   * its last stable offset was still below its high watermark.
   */
  | {
      readonly type: 'unsettled-transaction';
      readonly topic: string;
      readonly partition: number;
      readonly lastStableOffset: number;
      readonly highWatermark: number;
      readonly waitedMs: number;
    }
  /** A partition that the audit could not even begin with. */
  | {
      readonly type: 'audit-skipped';
      readonly topic: string;
      readonly partition: number;
      readonly reason: string;
    }
  /**
   * What the follower, which reads the log while the run goes on, has seen so far, in records; told when it changes.
   * `read`: those that it looked at again, too.
   * `hidden`: acknowledged for some time, and not visible now. `skipped`: it could not keep up and did not read them.
   */
  | ({ readonly type: 'followed' } & FollowerTotals)
  /**
   * Acknowledged records that do not stand at their offsets, found at once; the first of them is sequence `first` of
   * `stream`, which was to be at `offset`.
   */
  | {
      readonly type: 'follower-lost';
      readonly topic: string;
      readonly partition: number;
      readonly count: number;
      readonly offset: number;
      readonly stream: number;
      readonly first: number;
    }
  /** Records that it had read are not at their offsets any more; the first few runs of them. */
  | {
      readonly type: 'follower-gone';
      readonly topic: string;
      readonly partition: number;
      readonly count: number;
      readonly runs: readonly { readonly offset: number; readonly count: number }[];
    }
  /** Acknowledged records stay behind the high watermark, or no longer do. */
  | {
      readonly type: 'follower-hidden' | 'follower-shown';
      readonly topic: string;
      readonly partition: number;
      readonly count: number;
      readonly highWatermark: number;
    }
  /** The traffic is over. Acknowledged records were compared, or could not be; what its process cost. */
  | ({
      readonly type: 'follower-ended';
      readonly compared: number;
      readonly notCompared: number;
      readonly cpuMs: number;
    } & FollowerTotals)
  /**
   * A ledger's writer closed it: what it held. `file` is its name in the run folder. One whose writer was killed
   * has no such event, and neither have runs from before there was one.
   */
  | ({ readonly type: 'ledger-ended'; readonly file: string } & LedgerEnd)
  /** A condition of `abort-on` held for as long as it says: offering ends here. `value` is its last one, in its unit. */
  | {
      readonly type: 'stopped-early';
      readonly condition: string;
      readonly metric: string;
      readonly value: number;
    }
  | { readonly type: 'interrupted'; readonly signal: string }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  /** The environment failed: the run could not go on. */
  | { readonly type: 'aborted'; readonly code: string; readonly message: string }
  | { readonly type: 'run-ended' }
);

export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/**
 * `result.json`: the verdict and its evidence in numbers. A public contract: keys are added, never changed or
 * removed within one `format`; readers ignore unknown keys. No samples is null, never 0.
 */

import type { CatchUp, ProcessorUse } from '../measure/measures.ts';
import type { Coverage } from './coverage.ts';

export const RESULT_FORMAT = 1;

export type Verdict = 'pass' | 'fail' | 'unknown';

/** A closed, published list: README names each. */
export const REASON_CODES = [
  'expectation-failed',
  'expectation-unknown',
  'guarantee-violated',
  'must-find-missing',
  'must-find-worse',
  'no-traffic',
  'no-traffic-in-fault',
  'nothing-aborted',
  'fault-not-effective',
  'fault-failed',
  'audit-incomplete',
  'generator-bound',
  'memory-cap',
  'not-judged',
  'broker-died',
  'worker-died',
  'stuck-group',
  'stuck-partition',
  'stopped-early',
  'unanswered-sends',
  'environment-failed',
  'interrupted',
  'evidence-incomplete',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

export type Reason = {
  readonly code: ReasonCode;
  readonly message: string;
  /** Milliseconds from the start of `measure`, or null when it belongs to no moment. */
  readonly at: number | null;
};

/**
 * What to tell of the reasons where the expectations are told as well: those that could not be judged only say
 * again what closed a gate.
 */
export function leadingReasons(reasons: readonly Reason[]): readonly Reason[] {
  const leading = reasons.filter(({ code }) => code !== 'expectation-unknown');
  return leading.length === 0 ? reasons : leading;
}

export type AnomalyKind =
  | 'acknowledged-loss'
  | 'duplicate'
  | 'reorder'
  | 'phantom'
  | 'damaged'
  | 'inconsistent-offset'
  | 'truncation'
  | 'skipped-delivery'
  | 'stuck-group'
  | 'wrong-partition'
  | 'realtime-reorder'
  | 'offset-reuse'
  | 'unexplained-gap'
  | 'leader-epoch-back'
  | 'retention-gap'
  | 'premature-deletion'
  | 'compaction-loss'
  | 'stuck-partition'
  | 'read-then-lost'
  | 'redelivery-below-commit'
  | 'backwards-delivery'
  | 'rewound-commit'
  | 'committed-too-far'
  | 'two-owners'
  | 'aborted-read'
  | 'torn-transaction'
  | 'lost-transaction'
  | 'early-read'
  | 'hanging-transaction'
  | 'relay-loss'
  | 'relay-duplicate'
  | 'relay-phantom';

export type AnomalyExample = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | null;
  readonly producer: string | null;
  readonly sequence: number | null;
  /** From the start of `measure`. */
  readonly atMs: number | null;
  /** Faults in force at that moment. */
  readonly faults: readonly string[];
  /** Of the partition at that moment, as last seen, or of the batch the record stands in; null when not known. */
  readonly leaderEpoch: number | null;
  readonly note: string;
};

export type Anomaly = {
  readonly kind: AnomalyKind;
  readonly count: number;
  /** `expected`: the configuration allows it; reported, not a failure. */
  readonly judgement: 'violation' | 'expected';
  /** `expectation`: a line of `expect` about this count replaces what the configuration promises. */
  readonly judgedBy: 'configuration' | 'expectation';
  readonly why: string;
  /** At most 20. */
  readonly examples: readonly AnomalyExample[];
};

/**
 * Of records, in transactions or not: an abort takes nothing out of the log, so that aborted records are acknowledged
 * and read as well. Only `lost` looks at the end of transactions.
 */
export type DeliveryCounts = {
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  /** Distinct records of this run that the audit found; null, as what follows, when nothing was audited. */
  readonly read: number | null;
  /** Acknowledged, in no transaction or in one that was committed, and not in the log. */
  readonly lost: number | null;
  readonly duplicated: number | null;
  readonly reordered: number | null;
};

/** How the transactions of a load ended, as far as its producers were told; only those with records. */
export type TransactionCounts = {
  readonly committed: number;
  readonly aborted: number;
  readonly unknown: number;
  /** Of the unknown ones those of which a reader at read_committed saw a record: they were committed. */
  readonly unknownSeen: number;
};

export type GroupCounts = {
  readonly delivered: number;
  /** null when the history was too broken up to be held in memory. */
  readonly redelivered: number | null;
  /** null when nothing was audited. */
  readonly skipped: number | null;
  /** Records behind the log's end when the run ended; null when not known. */
  readonly lagAtEnd: number | null;
};

/** What became of the records that a relay was to work off; null where that is not known. */
export type RelayCounts = {
  /** Records that its group is to be handed. */
  readonly inputs: number;
  /** Records that it wrote, as their readers see them. */
  readonly outputs: number | null;
  /** Outputs that are missing. */
  readonly lost: number | null;
  /** Outputs that are there once more. */
  readonly duplicated: number | null;
  /** The balance of all accounts together, in cents; null too where no transfers are made. */
  readonly imbalance: number | null;
};

export type LatencySummary = {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
} | null;

export type LoadResult = {
  readonly kind: 'produce' | 'consume';
  readonly sent: number;
  readonly acknowledged: number;
  readonly received: number;
  readonly ratePerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly ackMs: LatencySummary;
  readonly serviceMs: LatencySummary;
  readonly queueMs: LatencySummary;
  readonly latenessMs: LatencySummary;
  readonly endToEndMs: LatencySummary;
  readonly cpuSecondsPerMillion: number | null;
  /** Of a load with a `start`; null where it could not be measured. */
  readonly catchUp?: CatchUp | null;
};

export type ExpectationResult = {
  readonly expression: string;
  /** In the metric's canonical unit. */
  readonly actual: number | null;
  readonly unit: string;
  readonly verdict: Verdict;
  readonly note?: string;
};

export type FaultResult = {
  readonly name: string;
  readonly kind: string;
  readonly where: string;
  readonly target: string | null;
  readonly injectedAtMs: number | null;
  readonly healedAtMs: number | null;
  readonly effect: { readonly proven: boolean; readonly evidence: string };
  readonly unavailableMs: number | null;
  /** The `topic/partition` that was unavailable the longest. */
  readonly unavailableOn: string | null;
  readonly recoveryMs: number | null;
};

export type Result = {
  readonly format: number;
  readonly scenario: string;
  readonly startedAt: string;
  readonly verdict: Verdict;
  readonly exitCode: 0 | 1 | 3;
  readonly reasons: readonly Reason[];
  readonly expectations: readonly ExpectationResult[];
  readonly delivery: DeliveryCounts & {
    readonly byTopic: Readonly<Record<string, DeliveryCounts>>;
    readonly groups: Readonly<Record<string, GroupCounts>>;
    /** By load, of those that run transactions. */
    readonly transactions: Readonly<Record<string, TransactionCounts>>;
    /** By load. */
    readonly relays: Readonly<Record<string, RelayCounts>>;
    readonly anomalies: readonly Anomaly[];
  };
  readonly load: Readonly<Record<string, LoadResult>>;
  /** Cores of the harness's machine that were in use during `measure`, and by whom; null when not seen. */
  readonly processors: ProcessorUse | null;
  readonly faults: readonly FaultResult[];
  /** What the faults hit, and which events that a trial needs really happened. */
  readonly coverage: Coverage;
  readonly environment: Readonly<Record<string, unknown>>;
};

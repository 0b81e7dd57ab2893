/**
 * The numbers of a run, computed from evidence alone. `null` means there were no samples; it is never 0 then.
 * Latencies are milliseconds with microsecond precision; durations are milliseconds.
 */

export type Percentiles = {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
};

/** `ack` is the response time: intended to acknowledged. */
export type LatencyName = 'ack' | 'queue' | 'service' | 'lateness' | 'e2e';

/** One load, or all produce (or consume) loads together, over one window. */
export type LoadMeasures = {
  readonly seconds: number;
  readonly offered: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  readonly received: number;
  /** Acknowledged (or received) per second of the window. */
  readonly ratePerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** failed / (acknowledged + failed + unknown). */
  readonly errorShare: number | null;
  readonly latency: Readonly<Record<LatencyName, Percentiles | null>>;
  readonly cpuSecondsPerMillion: number | null;
};

export type FaultMeasures = {
  readonly name: string;
  readonly kind: string;
  readonly where: string;
  readonly target: string | null;
  /** From the start of `measure`; null when it was never injected or healed. */
  readonly injectedAtMs: number | null;
  readonly healedAtMs: number | null;
  readonly effect: { readonly proven: boolean; readonly evidence: string };
  /** Longest gap between acknowledgements on any partition offered traffic, overlapping the fault or its recovery. */
  readonly unavailableMs: number | null;
  /** From healed to the first of five good seconds (design §3); null when that never came. */
  readonly recoveryMs: number | null;
  /** The `topic/partition` of that gap. */
  readonly unavailableOn: string | null;
  /** How long traffic was watched after healing; a missing recovery is proven only within it. */
  readonly watchedMs: number | null;
  /** Records offered (or received, when nothing is produced) in the seconds it touched. */
  readonly offered: number;
};

/**
 * A group that began behind a backlog. It has caught up at the end of the first second by which it had been handed as
 * many records as were in its topic when that second began.
 */
export type CatchUp = {
  /** From the start of `measure`. */
  readonly startedAtMs: number;
  /** Records in the topic that it had not been handed when it began. */
  readonly backlog: number;
  /** From its begin; null when it never caught up. */
  readonly catchUpMs: number | null;
  /** How long it was watched. */
  readonly watchedMs: number;
  /** What it was handed until it had caught up, or until the end. */
  readonly ratePerSecond: number;
  readonly bytesPerSecond: number;
};

/** One load in one second; see series.ts for what each count is keyed by. Gauges are null when not known. */
export type SecondMeasures = {
  readonly load: string;
  readonly kind: 'produce' | 'consume';
  readonly second: number;
  readonly offered: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  readonly ackedNow: number;
  readonly ackedBytesNow: number;
  readonly failedNow: number;
  readonly retriesNow: number;
  readonly received: number;
  readonly receivedBytes: number;
  readonly cpuMicros: number;
  readonly backlog: number | null;
  readonly residentBytes: number | null;
  /** By second of intended time. */
  readonly latency: Readonly<Record<'ack' | 'lateness' | 'e2e', SecondLatency | null>>;
};

/** What a chart draws of a second; the whole distribution is only worth its time over a window. */
export type SecondLatency = Pick<Percentiles, 'p50' | 'p99' | 'max' | 'count'>;

/** The whole distribution of a load's response time over one window. */
export type Curve = {
  readonly window: string;
  readonly load: string;
  /** Percentile (0…100) and milliseconds, rising. */
  readonly points: readonly (readonly [number, number])[];
};

/** Cores of the harness's machine, on the average of a window. */
export type ProcessorUse = {
  readonly cores: number;
  /** Used by anybody. */
  readonly busy: number;
  /** All brokers together; null when one was not to be seen, as those on other machines. */
  readonly brokers: number | null;
  readonly clients: number;
  /** Used by neither brokers, clients nor the harness; null with `brokers`. */
  readonly others: number | null;
};

/** A window is `measure`, `warmup`, `drain`, `steady` or `during FAULT`. Loads are keyed by name. */
export type WindowMeasures = {
  readonly window: string;
  readonly loads: Readonly<Record<string, LoadMeasures>>;
  readonly allProduce: LoadMeasures | null;
  readonly allConsume: LoadMeasures | null;
  /** Null without samples. */
  readonly processors: ProcessorUse | null;
};

export type Measures = {
  readonly windows: readonly WindowMeasures[];
  readonly faults: readonly FaultMeasures[];
  /** By second, then in the scenario's order of loads. */
  readonly seconds: readonly SecondMeasures[];
  readonly curves: readonly Curve[];
  /** By load, of those with a `start`; null where that could not be measured. */
  readonly catchUps: Readonly<Record<string, CatchUp | null>>;
};

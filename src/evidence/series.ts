/**
 * Per-second series, one JSON object a line. A second is `floor((t - measureUs) / 1e6)`: 0 is the first second
 * of `measure`, warm-up seconds are negative. Lines of one (load, worker, second) add up.
 */

/** `series/load.ndjson`. Counts are deltas; missing keys are 0. */
export type LoadSecond = {
  readonly load: string;
  readonly worker: number;
  readonly second: number;
  /** Keyed by intended time: records whose intended time is in this second, and what became of them. */
  readonly offered?: number;
  readonly acknowledged?: number;
  readonly failed?: number;
  readonly unknown?: number;
  /** Keyed by wall time: what happened in this second, whenever it was intended. Bytes are of values. */
  readonly ackedNow?: number;
  readonly ackedBytesNow?: number;
  readonly failedNow?: number;
  readonly retriesNow?: number;
  /** Consumers: records and value bytes handed over in this second. */
  readonly received?: number;
  readonly receivedBytes?: number;
  /** Gauge at the end of the second: offered and not yet answered. */
  readonly backlog?: number;
  /** CPU time used by the worker process in this second. */
  readonly cpuMicros?: number;
  /** Gauge: resident memory of the worker process. */
  readonly residentBytes?: number;
};

/** `series/cluster.ndjson`, sampled about every 500 ms on the HARNESS listener. `t` as in events. */
export type ClusterSample =
  /** Offsets of one partition: high watermark and log start, both from the leader. */
  | {
      readonly t: number;
      readonly type: 'offsets';
      readonly topic: string;
      readonly partition: number;
      readonly highWatermark: number;
      readonly logStart: number;
    }
  /** What a group has committed of one partition, as its coordinator tells; written when it changes. -1: nothing. */
  | {
      readonly t: number;
      readonly type: 'committed';
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
    }
  /** Lag of a group over all partitions of the topic: high watermark minus committed (or minus the start). */
  | { readonly t: number; readonly type: 'lag'; readonly group: string; readonly lag: number }
  /**
   * Processor time used on the harness's machine since the last such sample, about a second before: by everybody, by the
   * harness's main process, and by each node of the cluster that is a process there, by its id. `nodes`: how many run;
   * those that cannot be seen, as on other machines, are missing from `brokersMs`.
   */
  | {
      readonly t: number;
      readonly type: 'processors';
      readonly cores: number;
      readonly wallMs: number;
      readonly busyMs: number;
      readonly harnessMs: number;
      readonly nodes: number;
      readonly brokersMs: Readonly<Record<string, number>>;
    };

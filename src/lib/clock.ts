/**
 * The run clock: integer microseconds since the run's t0, on the machine's monotonic clock, which every
 * process of the run shares. Wall time is stored once, in run.json.
 */

export type Clock = {
  /** Microseconds since t0. */
  readonly nowUs: () => number;
};

/** The monotonic clock in nanoseconds; a run's t0 is one such reading, sent to every worker. */
export const monotonicNs = (): bigint => process.hrtime.bigint();

export function createClock(t0Ns: bigint): Clock {
  // process.hrtime() pairs stay exact as numbers: seconds and nanoseconds are subtracted apart.
  const t0Seconds = Number(t0Ns / 1_000_000_000n);
  const t0Nanoseconds = Number(t0Ns % 1_000_000_000n);
  return {
    nowUs: () => {
      const [seconds, nanoseconds] = process.hrtime();
      return (seconds - t0Seconds) * 1_000_000 + Math.floor((nanoseconds - t0Nanoseconds) / 1000);
    },
  };
}

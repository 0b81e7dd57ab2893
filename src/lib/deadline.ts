/** Waiting with an end: every wait has a name, a deadline and a signal. */
import { setTimeout as delay } from 'node:timers/promises';
import { environmentError } from './errors.ts';

/** Resolves after `ms`, or rejects with the signal's reason. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  delay(ms, undefined, signal === undefined ? {} : { signal });

export type WaitOptions = {
  readonly timeoutMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Asks `probe` until it answers something other than undefined or false, and returns that.
 * Throws `deadline.passed` naming `what` once `timeoutMs` is over; the probe's own errors pass through.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= end) {
      throw environmentError('deadline.passed', `${what}: not within ${options.timeoutMs} ms`);
    }
    await pause(options.everyMs ?? 50, options.signal);
  }
}

/** Rejects with `deadline.passed` when `work` takes longer than `ms`; the work itself is not stopped. */
export async function within<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(environmentError('deadline.passed', `${what}: not within ${ms} ms`)),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

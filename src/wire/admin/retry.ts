/** Tries again while it may help and there is time; what Kafka says last is the answer. */
import { pause } from '../../lib/deadline.ts';
import { passing, REQUEST_MS } from '../brokers.ts';

const PAUSE_MS = 100;

/**
 * Calls `attempt` with the milliseconds left until it answers something that is not `retriable`. Out of time, it
 * returns the last answer; when there never was one, the last transport error is thrown.
 */
export async function retrying<T>(
  timeoutMs: number = REQUEST_MS,
  attempt: (leftMs: number) => Promise<T>,
  retriable: (answer: T) => boolean,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  const over = (): boolean => performance.now() + PAUSE_MS >= end;
  let last: { readonly answer: T } | undefined;
  for (;;) {
    const heard = await attempt(Math.max(1, end - performance.now())).then(
      (answer) => ({ answer }),
      passing,
    );
    if ('answer' in heard) last = heard;
    if (last !== undefined && (over() || ('answer' in heard && !retriable(heard.answer)))) {
      return last.answer;
    }
    if (!('answer' in heard) && over()) throw heard;
    await pause(PAUSE_MS);
  }
}

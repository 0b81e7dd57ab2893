/** Tries again while it may help and there is time; what Kafka says last is the answer. */
import { pause } from '../../lib/deadline.ts';
import { isPassing, REQUEST_MS } from '../brokers.ts';

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
  for (;;) {
    const over = (): boolean => performance.now() + PAUSE_MS >= end;
    try {
      const answer = await attempt(Math.max(1, end - performance.now()));
      if (!retriable(answer) || over()) return answer;
    } catch (error) {
      if (!isPassing(error) || over()) throw error;
    }
    await pause(PAUSE_MS);
  }
}

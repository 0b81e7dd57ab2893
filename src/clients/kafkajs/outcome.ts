/**
 * What an error of kafkajs means for the records of one send: `failed` only when they are certainly not in the log
 * and never will be. kafkajs shows the last error alone, so after a second transmission every error is `unknown`, and
 * after the first one every error that some other request may have brought.
 */
import type { SendOutcome } from '../client.ts';
import { NOT_KAFKAS, REFUSED_BEFORE_APPEND } from '../outcome.ts';

/**
 * INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED and UNSUPPORTED_VERSION leave a send
 * in doubt here: after a transmission that was never answered, or answered in a way that says nothing, kafkajs looks for
 * leaders again, and what it then shows is the answer to that.
 *
 * `transmissions`: how often the records were handed to a socket. `alone`: the send had no other partition, whose
 * error it might be.
 */
export function outcomeOf(errorCode: number, transmissions: number, alone: boolean): SendOutcome {
  if (transmissions === 0) return 'failed';
  const refused = transmissions === 1 && alone && REFUSED_BEFORE_APPEND.has(errorCode);
  return refused ? 'failed' : 'unknown';
}

/** Kafka's code somewhere down the chain of causes, or -2. */
export function errorCodeOf(error: unknown): number {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    // kafkajs also puts the operating system's code, a text, there.
    if ('code' in at && typeof at.code === 'number') return at.code;
  }
  return NOT_KAFKAS;
}

/**
 * What an error of kafkajs means for the end of a transaction. An abort that was answered by an error has not
 * committed anything, and nobody else may commit. A commit has certainly failed only when it never left, or when its one
 * transmission was refused before the coordinator wrote anything; kafkajs transmits an EndTxn once. Coordinators answer
 * COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS and NOT_COORDINATOR after they wrote the decision as well,
 * and INVALID_TXN_STATE and CONCURRENT_TRANSACTIONS may come of an earlier end.
 */
import type { SendOutcome } from '../client.ts';

/** The coordinator has fenced or forgotten whoever asks, or does not listen to it: it aborts what was open. */
const REFUSED_BEFORE_WRITING: ReadonlySet<number> = new Set([
  42, // INVALID_REQUEST
  47, // INVALID_PRODUCER_EPOCH
  49, // INVALID_PRODUCER_ID_MAPPING
  53, // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  90, // PRODUCER_FENCED
]);

/** `transmissions`: how often an EndTxn was handed to a socket. */
export function endOutcomeOf(
  end: 'commit' | 'abort',
  errorCode: number,
  transmissions: number,
): SendOutcome {
  if (end === 'abort' || transmissions === 0) return 'failed';
  return transmissions === 1 && REFUSED_BEFORE_WRITING.has(errorCode) ? 'failed' : 'unknown';
}

const END_TXN = 26;

/** Whether a request, as kafkajs writes it to a socket, is an EndTxn. */
export const isEndTxn = (request: Buffer): boolean =>
  request.length >= 6 && request.readInt16BE(4) === END_TXN;

/** Asking again would not help: the settings or the rights are wrong. */
const HOPELESS: ReadonlySet<number> = new Set([
  31, // CLUSTER_AUTHORIZATION_FAILED
  35, // UNSUPPORTED_VERSION
  42, // INVALID_REQUEST
  50, // INVALID_TRANSACTION_TIMEOUT
  53, // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  58, // SASL_AUTHENTICATION_FAILED
]);

export const isHopeless = (errorCode: number): boolean => HOPELESS.has(errorCode);

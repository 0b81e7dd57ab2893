/** What a group's coordinator says no to, and what else Kafka may do to whoever asks it. */
import { OrdealError } from '../../lib/errors.ts';
import { isPassing } from '../../wire/brokers.ts';
import { codeOf, errorName, kafkaError } from '../../wire/errors.ts';

/** Refusals that joining again may well end. */
const JOIN_AGAIN: ReadonlySet<number> = new Set(
  ['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID'].map(
    codeOf,
  ),
);

/** A coordinator refused. */
export class GroupRefusal extends Error {
  override readonly name = 'GroupRefusal';
  readonly errorCode: number;

  constructor(what: string, errorCode: number) {
    super(`${what}: ${errorName(errorCode)}`);
    this.errorCode = errorCode;
  }
}

/** Whether trying again, as a member or by joining anew, may do better. */
export const mayEnd = (error: unknown): boolean =>
  error instanceof GroupRefusal
    ? kafkaError(error.errorCode).retriable || JOIN_AGAIN.has(error.errorCode)
    : isPassing(error);

/** The message of what Kafka did; anything else is a defect of ours, and thrown. */
export function kafkasDoing(error: unknown): string {
  if (error instanceof OrdealError || error instanceof GroupRefusal) return error.message;
  throw error;
}

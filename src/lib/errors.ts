/**
 * What went wrong that is not a defect of ours. What Kafka did under trial is never an error: it is data
 * in the evidence. A defect of ours is a plain throw and shows its stack (exit 70).
 */

/** `input`: the user's file or flags (exit 2, nothing was started). `environment`: the machine (exit 3). */
export type ErrorKind = 'input' | 'environment';

/**
 * One clear message about something the user can change: it names the thing, the rule, and what was found;
 * `hint` is the next command or edit to try.
 */
export class OrdealError extends Error {
  readonly kind: ErrorKind;
  /** Dotted and stable, such as `java.missing`; tests and scripts may match it. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'OrdealError';
    this.kind = kind;
    this.code = code;
    this.hint = options.hint;
  }
}

export const inputError = (code: string, message: string, hint?: string): OrdealError =>
  new OrdealError('input', code, message, hint === undefined ? {} : { hint });

export const environmentError = (
  code: string,
  message: string,
  options: { hint?: string; cause?: unknown } = {},
): OrdealError => new OrdealError('environment', code, message, options);

/** The message of anything thrown, for a log line or an event. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

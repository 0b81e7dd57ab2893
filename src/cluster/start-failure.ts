/** Why a node did not start: its last lines, and what they usually mean. */
import { environmentError, type OrdealError } from '../lib/errors.ts';
import { lastLines } from './log-file.ts';

/** Kafka says so once it is registered, unfenced and answering. */
export const STARTED = 'Kafka Server started';

const LINES_SHOWN = 12;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/Address already in use|BindException/, 'another program took one of its ports; run again'],
  [/No space left|Disk quota/, 'free some disk space, or point TMPDIR at a larger disk'],
  [/OutOfMemory|reserve enough space|Cannot allocate memory/, 'lower cluster.heap or free memory'],
  [/ConfigException|Invalid value|Unrecognized|must be/, 'check cluster.config in the scenario'],
];

/** `how` it ended: `exit code 1`, `SIGKILL`; `from` is where this start begins in its log. */
export async function diedWhileStarting(
  name: string,
  how: string,
  logFile: string,
  from: number,
): Promise<OrdealError> {
  const lines = await lastLines(logFile, from, LINES_SHOWN);
  const hint = HINTS.find(([pattern]) => pattern.test(lines))?.[1];
  return environmentError('broker.died', `${name} ended while starting (${how}):\n${lines}`, {
    hint: hint ?? `its whole log is ${logFile}`,
  });
}

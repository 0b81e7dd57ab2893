/** `ORDEAL_CHECKER_MEMORY`: how much of a history the checker may hold, such as 128MiB. */
import { inputError } from '../lib/errors.ts';
import { parseSize } from '../scenario/units.ts';
import { DEFAULT_LIMIT_BYTES } from '../verify/checker-memory.ts';

const NAME = 'ORDEAL_CHECKER_MEMORY';

/** Bytes. Throws when the variable is set to what is no size. */
export function checkerMemory(env: Readonly<Record<string, string | undefined>>): number {
  const text = env[NAME];
  if (text === undefined || text === '') return DEFAULT_LIMIT_BYTES;
  const size = parseSize(text);
  if (!size.ok) throw inputError('environment.invalid', `${NAME}: ${size.message}`, size.hint);
  return size.value;
}

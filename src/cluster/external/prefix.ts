/** What a run calls what it makes on a cluster that others use: rights may be given, and leftovers found, by it. */
import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 4;

/** Such as `ordeal-3f9a12bc-`; another one each time, so that no two runs meet. */
export const runPrefix = (): string => `ordeal-${randomBytes(RANDOM_BYTES).toString('hex')}-`;

export const PREFIX_LENGTH = 'ordeal--'.length + 2 * RANDOM_BYTES;

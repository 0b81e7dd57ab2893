/** A folder for brokers' data that goes away with the run, even when the harness is killed. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reaper } from '../../host/reaper.ts';
import { removeTemporary, TEMPORARY_PREFIX } from '../../host/run-state.ts';
import { environmentError, messageOf } from '../../lib/errors.ts';

export type TemporaryFolder = AsyncDisposable & { readonly path: string };

/** Throws `temporary.unwritable`. */
export async function temporaryFolder(reaper: Reaper): Promise<TemporaryFolder> {
  let path: string;
  try {
    path = await mkdtemp(join(tmpdir(), TEMPORARY_PREFIX));
  } catch (cause) {
    throw environmentError('temporary.unwritable', `no temporary folder: ${messageOf(cause)}`, {
      hint: 'free some space, or point TMPDIR at a folder that can be written',
      cause,
    });
  }
  const forget = reaper.watchFolder(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await removeTemporary(path);
      forget();
    },
  };
}

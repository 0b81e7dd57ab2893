/** The drain: every send answered and every group at the end of its topic, or the deadline. */
import { waitFor } from '../lib/deadline.ts';
import { OrdealError } from '../lib/errors.ts';
import type { RunningLoad } from '../load/control.ts';
import { sampleLag } from '../observe/lag.ts';
import { sampleOffsets } from '../observe/offsets.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Admin } from '../wire/admin.ts';

/** True when everything was answered and read before the deadline; the verdict judges what is left over. */
export async function drain(
  admin: Admin,
  scenario: Scenario,
  load: RunningLoad,
  signal: AbortSignal,
): Promise<boolean> {
  const groups = scenario.load.flatMap((one) => (one.kind === 'consume' ? [one] : []));
  const done = async (): Promise<boolean> => {
    if (load.status().some(({ pending, workersAlive }) => pending > 0 && workersAlive > 0)) {
      return false;
    }
    const offsets = await sampleOffsets(
      admin,
      groups.map(({ topic }) => topic),
    );
    for (const group of groups) if ((await sampleLag(admin, group, offsets)) !== 0) return false;
    return true;
  };
  try {
    return await waitFor('drain', done, {
      timeoutMs: scenario.phases.drainMs,
      everyMs: 250,
      signal,
    });
  } catch (error) {
    if (error instanceof OrdealError && error.code === 'deadline.passed') return false;
    throw error;
  }
}

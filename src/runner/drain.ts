/** The drain: every send answered and every group at the end of its topic, or the deadline. */
import { waitFor } from '../lib/deadline.ts';
import { OrdealError } from '../lib/errors.ts';
import type { RunningLoad } from '../load/control.ts';
import { sampleLag } from '../observe/lag.ts';
import { sampleOffsets } from '../observe/offsets.ts';
import type { ConsumeLoad, Scenario } from '../scenario/scenario.ts';
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
    try {
      return await allRead(admin, groups);
    } catch (error) {
      // A broker that is slow to answer once is not the end of the run.
      if (error instanceof OrdealError) return false;
      throw error;
    }
  };
  // Twice in a row: what the workers say of themselves is a moment old.
  let before = false;
  const settled = async (): Promise<boolean> => {
    const now = await done();
    const twice = before && now;
    before = now;
    return twice;
  };
  try {
    return await waitFor('drain', settled, {
      timeoutMs: scenario.phases.drainMs,
      everyMs: 250,
      signal,
    });
  } catch (error) {
    if (signal.aborted) return false;
    if (error instanceof OrdealError && error.code === 'deadline.passed') return false;
    throw error;
  }
}

async function allRead(admin: Admin, groups: readonly ConsumeLoad[]): Promise<boolean> {
  const topics = groups.map(({ topic }) => topic);
  const offsets = await sampleOffsets(admin, topics);
  for (const group of groups) if ((await sampleLag(admin, group, offsets)) !== 0) return false;
  return true;
}

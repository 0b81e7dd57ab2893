/**
 * A control scenario may say how often it may be tried until its anomaly shows (`attempts`). Each attempt is a whole
 * run in the run folder; an attempt that found nothing is moved to `attempt-N/` inside it first.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { RunPlan } from './plan.ts';
import { type RunOutcome, runOnce } from './run-once.ts';
import type { RunContext } from './session.ts';

export async function runAttempts(plan: RunPlan, context: RunContext): Promise<RunOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await runOnce({ ...plan, seed: plan.seed + attempt - 1 }, context);
    const missed = outcome.result.reasons.every(({ code }) => code === 'must-find-missing');
    const again =
      missed && outcome.result.verdict === 'unknown' && attempt < plan.scenario.attempts;
    if (!again || context.signal.aborted) return outcome;
    setAside(plan.folder, attempt);
  }
}

function setAside(folder: string, attempt: number): void {
  const aside = `attempt-${attempt}`;
  const names = readdirSync(folder).filter((name) => !name.startsWith('attempt-'));
  mkdirSync(join(folder, aside));
  for (const name of names) renameSync(join(folder, name), join(folder, aside, name));
}

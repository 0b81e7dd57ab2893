/**
 * A trial is an ordinary run of one variant of a scenario, on the cluster that the whole experiment shares. It leaves an
 * ordinary run folder, so an experiment that was interrupted goes on from the folders that are finished.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from '../evidence/run-folder.ts';
import { type Judgement, judge } from '../runner/judge.ts';
import { type PlanOptions, planRun } from '../runner/plan.ts';
import { type RunOutcome, runOnce } from '../runner/run-once.ts';
import type { RunContext } from '../runner/session.ts';
import type { SharedCluster } from '../runner/shared-cluster.ts';
import type { LoadedScenario } from '../scenario/load-scenario.ts';
import type { Result } from '../verify/result.ts';

export type Trial = {
  readonly loaded: LoadedScenario;
  readonly seed: number;
  /** Its run folder. */
  readonly folder: string;
};

export type TrialSetting = {
  readonly plan: Omit<PlanOptions, 'seed' | 'folder' | 'reuse'>;
  readonly context: RunContext;
  readonly cluster: SharedCluster;
};

/** What a finished folder cannot tell again: why a run could not go on. */
export type TrialOutcome = Judgement & Pick<RunOutcome, 'failure'>;

/**
 * Runs it, unless its folder has a finished run already; what an interrupted one left there is thrown away. Throws what
 * `planRun` and `runOnce` throw.
 */
export async function runTrial(trial: Trial, setting: TrialSetting): Promise<TrialOutcome> {
  const { plan, context, cluster } = setting;
  const { loaded, seed, folder } = trial;
  if (isFinished(folder)) {
    return { ...(await judge(folder, { checkerBytes: context.checkerBytes })), failure: null };
  }
  rmSync(folder, { recursive: true, force: true });
  return await runOnce(cluster.lend(await planRun(loaded, { ...plan, seed, folder })), context);
}

/** Codes of a run that says nothing, and may be made again. */
const UNFINISHED: readonly string[] = ['interrupted', 'environment-failed', 'evidence-incomplete'];

export function isFinished(folder: string): boolean {
  const path = join(folder, FILES.result);
  if (!existsSync(path)) return false;
  const { reasons } = JSON.parse(readFileSync(path, 'utf8')) as Result;
  return reasons.every(({ code }) => !UNFINISHED.includes(code));
}

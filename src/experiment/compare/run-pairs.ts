/** Pairs as ordinary runs on one cluster. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanOptions } from '../../runner/plan.ts';
import type { RunContext } from '../../runner/session.ts';
import { SharedCluster } from '../../runner/shared-cluster.ts';
import type { LoadedScenario } from '../../scenario/load-scenario.ts';
import { runTrial } from '../trial.ts';
import { type Made, makePairs, type PairLoop, type PairsEnd, type Run } from './pair-loop.ts';
import { refusalOf } from './refusal.ts';
import { seenIn } from './runs.ts';

export type LiveSide = {
  readonly file: string;
  /** The scenario with these values as `--set` takes them. */
  readonly load: (set: readonly string[], seed: number) => LoadedScenario;
};

export type PairSetting = PairLoop & {
  readonly base: LiveSide;
  readonly candidate: LiveSide;
  /** Where the run folders go. */
  readonly folder: string;
  readonly plan: Pick<PlanOptions, 'host' | 'pull'>;
  readonly context: RunContext;
};

/** Brokers that have just begun compile what they are to do, and are slow meanwhile. */
const WARMING: readonly string[] = ['phases.warmup=10s'];

/** Throws what kept a run from being made at all, such as a cluster that could not be raised. */
export async function runPairs(setting: PairSetting): Promise<PairsEnd> {
  const { context, folder } = setting;
  await using cluster = new SharedCluster({ folder, name: 'compare', signal: context.signal });
  return await makePairs(setting, (run) => make(run, setting, cluster));
}

async function make(
  { side, name, seed, isWarming }: Run,
  { base, candidate, folder, plan, context }: PairSetting,
  cluster: SharedCluster,
): Promise<Made> {
  const { file, load } = side === 'base' ? base : candidate;
  const path = join(folder, name);
  // Half a pair of an earlier day is none: both runs of one follow each other.
  rmSync(path, { recursive: true, force: true });
  const { result, failure, scenario, measures } = await runTrial(
    { loaded: load(isWarming ? WARMING : [], seed), seed, folder: path },
    { plan: { ...plan, file }, cluster, context },
  );
  if (context.signal.aborted && result.reasons.some(({ code }) => code === 'interrupted')) {
    return 'interrupted';
  }
  if (failure !== null) throw failure;
  return { ...seenIn(measures), refusal: refusalOf(scenario, result) };
}

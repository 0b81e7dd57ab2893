/** Pairs as ordinary runs on one cluster, A-B-B-A, until the metrics are decided or time is up. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanOptions } from '../../runner/plan.ts';
import type { RunContext } from '../../runner/session.ts';
import { SharedCluster } from '../../runner/shared-cluster.ts';
import type { LoadedScenario } from '../../scenario/load-scenario.ts';
import { runTrial, type TrialOutcome } from '../trial.ts';
import {
  type Compared,
  type CompareRules,
  isDecided,
  judgeMetrics,
  type MetricFinding,
  type Pair,
} from './findings.ts';
import type { Journal } from './journal.ts';
import { isLastLookDue, isLookDue } from './looks.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { type ComparedRun, seenIn } from './runs.ts';

export type LiveSide = {
  readonly file: string;
  /** The scenario with these values as `--set` takes them. */
  readonly load: (set: readonly string[], seed: number) => LoadedScenario;
};

export type PairSetting = {
  readonly journal: Journal;
  readonly base: LiveSide;
  readonly candidate: LiveSide;
  readonly rules: CompareRules;
  /** At most so many pairs. */
  readonly most: number;
  /** No pair is begun that would not end before this, as `performance.now()` counts; Infinity: no limit. */
  readonly untilMs: number;
  /** Where the run folders go. */
  readonly folder: string;
  readonly seed: number;
  readonly plan: Pick<PlanOptions, 'host' | 'pull'>;
  readonly context: RunContext;
  readonly onPair: (pair: Pair) => void;
  readonly onVoid: (number: number, why: string) => void;
  readonly onLook: (metrics: readonly MetricFinding[], pairs: number) => void;
};

/** How it ended; what was found is in the journal. */
export type PairsEnd = 'done' | 'interrupted' | Refusal;

/** Pairs of which a generator's hiccup may be forgiven; more of them are its limit. */
const MOST_VOIDS = 3;

/** For brokers that have just begun: they compile what they are to do, and are slow meanwhile. */
const WARMING: readonly string[] = ['phases.warmup=10s'];

/** Throws what kept a run from being made at all, such as a cluster that could not be raised. */
export async function runPairs(setting: PairSetting): Promise<PairsEnd> {
  const { journal, context, folder, most, untilMs } = setting;
  await using cluster = new SharedCluster({ folder, name: 'compare', signal: context.signal });
  let longestMs = 0;
  for (;;) {
    const isLate = performance.now() + longestMs > untilMs && journal.pairs.length > 0;
    if (lookIfDue(setting, isLate || journal.pairs.length >= most)) return 'done';
    if (longestMs === 0) {
      const end = await warm(setting, cluster);
      if (end !== null) return end;
    }
    const begun = performance.now();
    const end = await makePair(setting, cluster);
    if (end !== null) return end;
    longestMs = Math.max(longestMs, performance.now() - begun);
  }
}

/** Whether there is nothing more to do. */
function lookIfDue({ journal, rules, onLook }: PairSetting, isLast: boolean): boolean {
  const made = journal.pairs.length;
  if (isLookDue(made, journal.looked) || (isLast && isLastLookDue(made, journal.looked))) {
    journal.addLook();
    onLook(judgeMetrics(comparedIn(journal), rules), made);
  }
  return (
    isLast ||
    (made === journal.looked.at(-1) && isDecided(judgeMetrics(comparedIn(journal), rules)))
  );
}

export const comparedIn = ({ pairs, looked }: Pick<Journal, 'pairs' | 'looked'>): Compared => ({
  design: 'pairs',
  pairs,
  looked,
});

/** A run that counts for nothing, so that the first that counts meets a cluster like all that follow. */
async function warm(setting: PairSetting, cluster: SharedCluster): Promise<PairsEnd | null> {
  const run = { side: 'base' as const, name: 'warming', seed: setting.seed, set: WARMING };
  const outcome = await make(run, setting, cluster);
  if (outcome === 'interrupted') return outcome;
  const refusal = refusalOf(outcome.scenario, outcome.result);
  return refusal?.kind === 'delivery' ? inRun(refusal, run) : null;
}

/** Null: it is in the journal. */
async function makePair(setting: PairSetting, cluster: SharedCluster): Promise<PairsEnd | null> {
  const { journal } = setting;
  const number = journal.pairs.length + journal.voids + 1;
  const first = journal.pairs.length % 2 === 0 ? 'base' : 'candidate';
  const seed = setting.seed + number;
  const made: Partial<Record<'base' | 'candidate', ComparedRun>> = {};
  for (const side of [first, other(first)] as const) {
    const name = `pair-${String(number).padStart(2, '0')}-${side}`;
    const run = { side, name, seed, set: [] };
    const outcome = await make(run, setting, cluster);
    if (outcome === 'interrupted') return outcome;
    const refusal = refusalOf(outcome.scenario, outcome.result);
    if (refusal !== null) return refused(inRun(refusal, run), number, setting);
    made[side] = { folder: name, ...seenIn(outcome.measures) };
  }
  const { base, candidate } = made as Record<'base' | 'candidate', ComparedRun>;
  const pair: Pair = { number, first, seed, base, candidate };
  journal.addPair(pair);
  setting.onPair(pair);
  return null;
}

const other = (side: 'base' | 'candidate') => (side === 'base' ? 'candidate' : 'base');

/** A late generator may have been a moment of the machine: the pair is made again, a few times. */
function refused(refusal: Refusal, number: number, setting: PairSetting): Refusal | null {
  const { journal, onVoid } = setting;
  if (refusal.kind !== 'generator' || journal.voids >= MOST_VOIDS) return refusal;
  journal.addVoid(number, refusal.why);
  onVoid(number, refusal.why);
  return null;
}

type Run = {
  readonly side: 'base' | 'candidate';
  /** Its folder. */
  readonly name: string;
  readonly seed: number;
  readonly set: readonly string[];
};

const inRun = ({ kind, why }: Refusal, { name }: Run): Refusal => ({
  kind,
  why: `${name}: ${why}`,
});

async function make(
  { side, name, seed, set }: Run,
  { base, candidate, folder, plan, context }: PairSetting,
  cluster: SharedCluster,
): Promise<TrialOutcome | 'interrupted'> {
  const { file, load } = side === 'base' ? base : candidate;
  const path = join(folder, name);
  // Half a pair of an earlier day is none: both runs of one follow each other.
  rmSync(path, { recursive: true, force: true });
  const outcome = await runTrial(
    { loaded: load(set, seed), seed, folder: path },
    { plan: { ...plan, file }, cluster, context },
  );
  const { result, failure } = outcome;
  if (context.signal.aborted && result.reasons.some(({ code }) => code === 'interrupted')) {
    return 'interrupted';
  }
  if (failure !== null) throw failure;
  return outcome;
}

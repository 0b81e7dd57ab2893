/** The search itself: steps as ordinary runs on one cluster, until the answer is known or time is up. */
import { join } from 'node:path';
import type { PlanOptions } from '../../runner/plan.ts';
import type { RunContext } from '../../runner/session.ts';
import { SharedCluster } from '../../runner/shared-cluster.ts';
import type { LoadedScenario } from '../../scenario/load-scenario.ts';
import { runTrial, type TrialOutcome } from '../trial.ts';
import type { Journal } from './journal.ts';
import { type MeasuredStep, measuredStep } from './measured-step.ts';
import { type Answer, nextStep, type SearchOptions } from './search.ts';
import { atRate, type Pace, warmingOf } from './vary.ts';

export type SearchSetting = {
  readonly journal: Journal;
  readonly options: SearchOptions;
  readonly pace: Pace;
  /** The scenario with these values as `--set` takes them. */
  readonly load: (set: readonly string[], seed: number) => LoadedScenario;
  /** Where the steps' run folders go. */
  readonly folder: string;
  readonly seed: number;
  /** How long the first step's warm-up is at least, on brokers that have just begun. */
  readonly warmingMs: number;
  /** No step is begun that would not end before this, as `performance.now()` counts; Infinity: no limit. */
  readonly untilMs: number;
  readonly plan: Pick<PlanOptions, 'file' | 'host' | 'pull'>;
  readonly context: RunContext;
  readonly onStep: (step: MeasuredStep, next: ReturnType<typeof nextStep>) => void;
  /** Before it is tried. */
  readonly onRate: (number: number, rate: number) => void;
};

/**
 * Null when it was interrupted; what was found until then is in the journal. Throws what kept a step from being run at
 * all, such as a cluster that could not be raised.
 */
export async function runSearch(setting: SearchSetting): Promise<Answer | null> {
  const { journal, context, folder } = setting;
  await using cluster = new SharedCluster({ folder, name: 'capacity', signal: context.signal });
  let longestMs = 0;
  for (;;) {
    const late = performance.now() + longestMs > setting.untilMs && journal.steps.length > 0;
    const options = late ? { ...setting.options, most: journal.steps.length } : setting.options;
    const next = nextStep(journal.steps, options);
    if (next.kind === 'done') return next.answer;
    const begun = performance.now();
    const step = await tryRate(next.rate, setting, { cluster, isFirst: longestMs === 0 });
    if (step === null) return null;
    longestMs = Math.max(longestMs, performance.now() - begun);
    journal.add(step);
    setting.onStep(step, nextStep(journal.steps, setting.options));
  }
}

/** Null when it was interrupted. */
async function tryRate(
  rate: number,
  setting: SearchSetting,
  { cluster, isFirst }: { readonly cluster: SharedCluster; readonly isFirst: boolean },
): Promise<MeasuredStep | null> {
  const { journal, context, plan, pace } = setting;
  const number = journal.steps.length + 1;
  const name = `step-${String(number).padStart(2, '0')}`;
  const seed = setting.seed + number;
  const rates = atRate(rate, pace);
  const warming = isFirst ? warmingOf(setting.load(rates, seed).scenario, setting.warmingMs) : [];
  setting.onRate(number, rate);
  const outcome = await runTrial(
    {
      loaded: setting.load([...rates, ...warming], seed),
      seed,
      folder: join(setting.folder, name),
    },
    { plan, cluster, context },
  );
  if (wasInterrupted(outcome, context)) return null;
  if (outcome.failure !== null) throw outcome.failure;
  return measuredStep(outcome, { number, folder: name, rate });
}

const wasInterrupted = ({ result }: TrialOutcome, { signal }: RunContext): boolean =>
  signal.aborted && result.reasons.some(({ code }) => code === 'interrupted');

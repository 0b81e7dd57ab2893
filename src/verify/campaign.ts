/** Several runs of one scenario, each with its own seed, summed up: `campaign.json`. */
import { COVERED_EVENTS, type Coverage, type CoveredEvent, mergeCoverage } from './coverage.ts';
import type { Reason, Result, Verdict } from './result.ts';

export const CAMPAIGN_FORMAT = 1;

export type CampaignRun = {
  /** Its folder is `run-N`, N from 1. */
  readonly run: number;
  /** The same seed breaks the same things again. */
  readonly seed: number;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
};

export type Campaign = {
  readonly format: number;
  readonly scenario: string;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Lost, duplicated and reordered records over all runs that were audited. */
  readonly records: {
    readonly lost: number;
    readonly duplicated: number;
    readonly reordered: number;
  };
  readonly runs: readonly CampaignRun[];
  readonly coverage: Coverage;
  /** What ought to happen at least once and did in none of the runs. */
  readonly never: readonly CoveredEvent[];
};

/** In the order of the runs. */
export function sumCampaign(results: readonly Result[]): Campaign {
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  const sum = (pick: (result: Result) => number | null): number =>
    results.reduce((total, result) => total + (pick(result) ?? 0), 0);
  const coverage = mergeCoverage(results.map((result) => result.coverage));
  return {
    format: CAMPAIGN_FORMAT,
    scenario: results[0]?.scenario ?? '',
    verdicts: { pass: count('pass'), fail: count('fail'), unknown: count('unknown') },
    records: {
      lost: sum(({ delivery }) => delivery.lost),
      duplicated: sum(({ delivery }) => delivery.duplicated),
      reordered: sum(({ delivery }) => delivery.reordered),
    },
    runs: results.map(({ verdict, reasons, environment }, i) => ({
      run: i + 1,
      seed: Number(environment['seed']),
      verdict,
      reasons,
    })),
    coverage,
    never: COVERED_EVENTS.filter((name) => coverage.events[name] === 0),
  };
}

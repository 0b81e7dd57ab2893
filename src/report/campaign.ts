/** Several runs in a terminal: the verdicts, how to repeat those that did not pass, and what was tried. */
import type { Campaign } from '../verify/campaign.ts';
import type { CoverageCell, CoveredEvent } from '../verify/coverage.ts';
import { leadingReasons } from '../verify/result.ts';
import { count, plural } from './format.ts';
import { type Paint, paint } from './paint.ts';

const EVENTS: Readonly<Record<CoveredEvent, string>> = {
  'leader-epoch-bumped': 'a leader was replaced',
  'isr-below-minimum': 'an ISR fell below min.insync.replicas',
  'unknown-outcome-present': 'a record of unknown outcome was in the log',
  'unknown-outcome-absent': 'a record of unknown outcome was not in the log',
  'aborted-transaction': 'a transaction was aborted',
  rebalance: 'a group rebalanced',
};

/** Ends with a line break. `file`: the scenario as it was named. */
export function campaignText(
  campaign: Campaign,
  { file, colour = false }: { readonly file: string; readonly colour?: boolean },
): string {
  const ink = paint(colour);
  const sections = [
    [headline(campaign, ink)],
    campaign.runs.flatMap((run) =>
      run.verdict === 'pass'
        ? []
        : [
            `run ${run.run} ${run.verdict}: ${leadingReasons(run.reasons)[0]?.message ?? ''}`,
            ink.dim(`  again: ordeal run ${file} --seed ${run.seed}`),
          ],
    ),
    coverageLines(campaign),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline({ verdicts, runs, records }: Campaign, ink: Paint): string {
  const { pass, fail, unknown } = verdicts;
  const paintIf = (number: number, how: (text: string) => string, what: string): string =>
    number > 0 ? how(`${number} ${what}`) : `${number} ${what}`;
  const told = [
    paintIf(pass, ink.green, 'pass'),
    paintIf(fail, ink.red, 'fail'),
    paintIf(unknown, ink.yellow, 'unknown'),
  ].join(', ');
  const { lost, duplicated, reordered } = records;
  return `${ink.bold(plural(runs.length, 'run'))}: ${told}; ${count(lost)} lost, ${count(duplicated)} duplicated, ${count(reordered)} reordered`;
}

function coverageLines({ coverage, never }: Campaign): string[] {
  if (coverage.faults.length === 0) return [];
  const skipped =
    coverage.skipped === 0
      ? []
      : [`${plural(coverage.skipped, 'fault')} left out, to stay within the budget`];
  const missing = never.map((name) => `never: ${EVENTS[name]}`);
  return [
    'Tried (seen to have an effect of injected):',
    ...coverage.faults.map(cellLine),
    ...skipped,
    ...missing,
  ];
}

const cellLine = ({ kind, role, phase, proven, injected }: CoverageCell): string =>
  `  ${proven}/${injected}  ${kind} ${role}${phase === 'steady' ? '' : ` ${phase}`}`;

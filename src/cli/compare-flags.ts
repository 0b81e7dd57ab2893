/** The flags of `ordeal compare`. */
import type { Argv } from 'yargs';
import type { CompareRules } from '../experiment/compare/findings.ts';
import { DECIDING, isComparable, METRIC_NAMES } from '../experiment/compare/metrics.ts';
import { inputError } from '../lib/errors.ts';
import { baselinesFlag } from './baseline.ts';
import { scenarioFlags, shareFlag } from './flags.ts';
import type { ScenarioFlags } from './scenario-file.ts';

export type CompareArguments = ScenarioFlags & {
  readonly sides: readonly string[];
  readonly baseSet: readonly string[];
  readonly candidateSet: readonly string[];
  readonly baseline: string | undefined;
  readonly baselines: string;
  readonly metrics: string;
  readonly practical: string;
  readonly tolerance: string;
  readonly error: string;
  readonly pairs: string;
  readonly budget: string | undefined;
  readonly warmup: string | undefined;
  readonly measure: string | undefined;
  readonly seed: string;
  readonly out: string | undefined;
  readonly json: boolean;
};

export const compareFlags = (yargs: Argv): Argv<CompareArguments> =>
  liveFlags(ruleFlags(sideFlags(yargs))) as unknown as Argv<CompareArguments>;

const sideFlags = (yargs: Argv): Argv =>
  scenarioFlags(
    yargs.positional('sides', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'BASE and CANDIDATE: scenarios, or folders of finished runs; or one scenario',
    }),
  )
    .option('base-set', setFlag('base'))
    .option('candidate-set', setFlag('candidate'))
    .option('baseline', {
      type: 'string',
      requiresArg: true,
      describe: 'Compare finished runs with this baseline (ordeal baseline save)',
    })
    .option('baselines', baselinesFlag);

const setFlag = (side: string) =>
  ({
    type: 'string',
    array: true,
    default: [] as string[],
    requiresArg: true,
    nargs: 1,
    describe: `Override one value of the ${side} alone, as --set does of both`,
  }) as const;

const ruleFlags = (yargs: Argv): Argv =>
  yargs
    .option('metrics', {
      type: 'string',
      requiresArg: true,
      default: DECIDING.join(','),
      describe: 'What has to be decided; the others are reported',
    })
    .option('practical', {
      type: 'string',
      requiresArg: true,
      default: '10%',
      describe: 'What is no difference for any practical purpose',
    })
    .option('tolerance', {
      type: 'string',
      requiresArg: true,
      default: '0%',
      describe: 'Exit 1 when a metric is worse by more than this',
    })
    .option('error', {
      type: 'string',
      requiresArg: true,
      default: '1%',
      describe: 'How often a difference may be claimed that is none, all metrics together',
    });

const liveFlags = (yargs: Argv): Argv =>
  yargs
    .option('pairs', {
      type: 'string',
      requiresArg: true,
      default: '24',
      describe: 'At most so many pairs of runs; fewer when it is decided before',
    })
    .option('budget', {
      type: 'string',
      requiresArg: true,
      describe: 'Time for the whole comparison, such as 5m (default: as long as it takes)',
    })
    .option('warmup', phaseFlag('warm-up'))
    .option('measure', phaseFlag('measurement'))
    .option('seed', {
      type: 'string',
      requiresArg: true,
      default: '1',
      describe: 'Repeats the choices of another comparison',
    })
    .option('out', {
      type: 'string',
      requiresArg: true,
      describe: 'The folder; an unfinished comparison in it goes on (default: reports/<UTC>-…)',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print compare.json, and nothing else, to stdout',
    });

const phaseFlag = (what: string) =>
  ({
    type: 'string',
    requiresArg: true,
    describe: `How long the ${what} of every run is (default: as the scenario says)`,
  }) as const;

/** Throws a usage error that names the flag. */
export function rulesOf({ practical, tolerance, error, metrics }: CompareArguments): CompareRules {
  const deciding = metrics.split(',').map((name) => name.trim());
  const wrong = deciding.find((name) => !isComparable(name));
  if (wrong !== undefined) {
    throw inputError(
      'usage',
      `--metrics: ${wrong.slice(0, 100)} is not compared`,
      `there are: ${METRIC_NAMES.join(', ')}, recovery(FAULT)`,
    );
  }
  return {
    deciding,
    practical: shareFlag('--practical', practical),
    tolerance: /^0+%?$/.test(tolerance) ? 0 : shareFlag('--tolerance', tolerance),
    error: shareFlag('--error', error),
  };
}

/** Values as `--set` takes them. */
export const phasesOf = ({ warmup, measure }: CompareArguments): readonly string[] =>
  Object.entries({ warmup, measure }).flatMap(([name, length]) =>
    length === undefined ? [] : [`phases.${name}=${length}`],
  );

/** `ordeal run FILE`: raises the cluster, sends the traffic, breaks things, and exits by the verdict. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { checkFolder } from '../evidence/recorder.ts';
import { FILES } from '../evidence/run-folder.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { summary } from '../report/terminal.ts';
import { planRun, type RunPlan } from '../runner/plan.ts';
import type { RunOutcome } from '../runner/run-once.ts';
import type { Result, Verdict } from '../verify/result.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import { scenarioFlags, wholeNumber } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { colourful, print, tell, tellProblem } from './output.ts';
import { readScenario, type ScenarioFlags } from './scenario-file.ts';
import { createView, tellProgress } from './view.ts';

type Arguments = ScenarioFlags & {
  readonly file: string;
  readonly out: string | undefined;
  readonly seed: string | undefined;
  readonly repeat: string;
  readonly json: boolean;
};

export const run: CommandModule<object, Arguments> = {
  command: 'run <file>',
  describe: 'Put Kafka on trial: run a scenario to its verdict',
  builder: (yargs: Argv) =>
    scenarioFlags(
      yargs.positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'The scenario, such as scenarios/broker-loss/leader-kill.yaml',
      }),
    )
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'The run folder; new or empty (default: reports/<UTC>-<scenario>)',
      })
      .option('seed', {
        type: 'string',
        requiresArg: true,
        describe: 'Repeats the choices of another run (default: random, printed)',
      })
      .option('repeat', {
        type: 'string',
        requiresArg: true,
        default: '1',
        describe: 'So many runs, each with its own seed, in run-1 … of the run folder',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print result.json, and nothing else, to stdout (one a line with --repeat)',
      }) as unknown as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const loaded = readScenario(args.file, args);
    const host = hostEnvironment();
    const folder = args.out ?? defaultFolder(loaded.scenario.name);
    const seed = wholeNumber('--seed', { least: 0 }, args.seed ?? String(randomInt(2 ** 31)));
    const repeat = wholeNumber('--repeat', { least: 1, most: 1000 }, args.repeat);
    checkFolder(folder);
    using interruption = onInterrupt();
    const { signal } = interruption;
    const pull = { progress: tellProgress, signal };
    const plan = await planRun(loaded, { file: args.file, seed, folder, host, pull });
    const results = await runAll(repeats(plan, repeat), { host, json: args.json, signal });
    const whole = results.length === repeat;
    process.exitCode = worstExit(results) || (whole ? EXIT.pass : EXIT.unknown);
  },
};

/** One run is the run folder itself; several are folders in it. */
const repeats = (plan: RunPlan, count: number): readonly RunPlan[] =>
  count === 1
    ? [plan]
    : Array.from({ length: count }, (_, i) => ({
        ...plan,
        seed: plan.seed + i,
        folder: join(plan.folder, `run-${i + 1}`),
      }));

type RunAllOptions = {
  readonly host: HostEnvironment;
  readonly json: boolean;
  readonly signal: AbortSignal;
};

/** Ends early when interrupted. */
async function runAll(
  plans: readonly RunPlan[],
  { host, json, signal }: RunAllOptions,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const plan of plans) {
    if (signal.aborted) break;
    const outcome = await runWatched(plan, host, signal);
    tellOutcome(outcome, plan.folder);
    results.push(outcome.result);
    if (json) print(JSON.stringify(outcome.result, null, plans.length === 1 ? 2 : 0));
  }
  if (plans.length > 1) tell(tally(results));
  return results;
}

async function runWatched(
  plan: RunPlan,
  host: HostEnvironment,
  signal: AbortSignal,
): Promise<RunOutcome> {
  // Loaded only now: bad input is answered faster without the report's renderer.
  const { runAttempts } = await import('../runner/attempts.ts');
  using view = createView(plan);
  const { progress, onEvent, onSecond } = view;
  return await runAttempts(plan, { host, progress, onEvent, onSecond, signal });
}

function tellOutcome({ failure, pageError, result }: RunOutcome, folder: string): void {
  if (failure !== null) tellProblem(failure.message, failure.hint);
  if (pageError !== null) tell(`no report.html: ${pageError}`);
  const page = pageError === null ? join(folder, FILES.report) : null;
  tell(summary(result, { folder, colour: colourful(), page }).trimEnd());
}

function tally(results: readonly Result[]): string {
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  return `${results.length} runs: ${count('pass')} pass, ${count('fail')} fail, ${count('unknown')} unknown`;
}

const defaultFolder = (scenario: string): string =>
  `reports/${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')}-${scenario}`;

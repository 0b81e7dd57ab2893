/** `ordeal run FILE`: raises the cluster, sends the traffic, breaks things, and exits by the verdict. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { DEFAULT_NAME } from '../cluster/kept/state.ts';
import { checkFolder } from '../evidence/recorder.ts';
import { FILES } from '../evidence/run-folder.ts';
import type { HostEnvironment } from '../host/environment.ts';
import { campaignText } from '../report/campaign.ts';
import { summary } from '../report/terminal.ts';
import { writeCampaign } from '../runner/campaign-file.ts';
import { planRun, type RunPlan } from '../runner/plan.ts';
import type { RunOutcome } from '../runner/run-once.ts';
import { sumCampaign } from '../verify/campaign.ts';
import type { Result } from '../verify/result.ts';
import { checkerMemory } from './checker-memory.ts';
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
  readonly reuse: string | undefined;
  readonly follow: boolean;
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
      .option('reuse', {
        type: 'string',
        describe:
          'Take a kept cluster (ordeal cluster up) instead of raising one; a name may follow',
      })
      .option('follow', {
        type: 'boolean',
        default: false,
        describe:
          'Read the log during the run too, and tell at once what is lost or not yet visible',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print result.json, and nothing else, to stdout (one a line with --repeat)',
      }) as unknown as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const seed = wholeNumber('--seed', { least: 0 }, args.seed ?? String(randomInt(2 ** 31)));
    const repeat = wholeNumber('--repeat', { least: 1, most: 1000 }, args.repeat);
    const loaded = readScenario(args.file, args, seed);
    const host = hostEnvironment();
    const checkerBytes = checkerMemory(host.env);
    const folder = args.out ?? defaultFolder(loaded.scenario.name);
    checkFolder(folder);
    using interruption = onInterrupt();
    const { signal } = interruption;
    const pull = { progress: tellProgress, signal };
    // `--reuse` alone is empty.
    const reuse = args.reuse === '' ? DEFAULT_NAME : args.reuse;
    const options = { file: args.file, host, pull, reuse, follow: args.follow };
    // Whatever is wrong with the scenario is said before the first run.
    const first = await planRun(loaded, { ...options, seed, folder: runFolder(folder, 0, repeat) });
    const planOf = async (i: number): Promise<RunPlan> => {
      if (i === 0) return first;
      const again = readScenario(args.file, args, seed + i);
      return await planRun(again, {
        ...options,
        seed: seed + i,
        folder: runFolder(folder, i, repeat),
      });
    };
    const results = await runAll(repeat, planOf, { host, checkerBytes, json: args.json, signal });
    if (repeat > 1) tellCampaign(args.file, folder, results);
    const whole = results.length === repeat;
    process.exitCode = worstExit(results) || (whole ? EXIT.pass : EXIT.unknown);
  },
};

/** One run is the run folder itself; several are folders in it. */
const runFolder = (folder: string, i: number, count: number): string =>
  count === 1 ? folder : join(folder, `run-${i + 1}`);

type Watching = {
  readonly host: HostEnvironment;
  readonly checkerBytes: number;
  readonly signal: AbortSignal;
};

type RunAllOptions = Watching & {
  readonly json: boolean;
};

/** Ends early when interrupted. */
async function runAll(
  count: number,
  planOf: (i: number) => Promise<RunPlan>,
  { json, ...watching }: RunAllOptions,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < count && !watching.signal.aborted; i++) {
    const plan = await planOf(i);
    const outcome = await runWatched(plan, watching);
    tellOutcome(outcome, plan.folder);
    results.push(outcome.result);
    if (json) print(JSON.stringify(outcome.result, null, count === 1 ? 2 : 0));
  }
  return results;
}

/** What several runs say together, for people and, as `campaign.json`, for programs. */
function tellCampaign(file: string, folder: string, results: readonly Result[]): void {
  const campaign = sumCampaign(results);
  writeCampaign(folder, campaign);
  tell(campaignText(campaign, { file, colour: colourful() }).trimEnd());
}

async function runWatched(plan: RunPlan, watching: Watching): Promise<RunOutcome> {
  // Loaded only now: bad input is answered faster without the report's renderer.
  const { runAttempts } = await import('../runner/attempts.ts');
  using view = createView(plan);
  const { progress, onEvent, onSecond } = view;
  return await runAttempts(plan, { ...watching, progress, onEvent, onSecond });
}

function tellOutcome({ failure, pageError, result }: RunOutcome, folder: string): void {
  if (failure !== null) tellProblem(failure.message, failure.hint);
  if (pageError !== null) tell(`no report.html: ${pageError}`);
  const page = pageError === null ? join(folder, FILES.report) : null;
  tell(summary(result, { folder, colour: colourful(), page }).trimEnd());
}

const defaultFolder = (scenario: string): string =>
  `reports/${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')}-${scenario}`;

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
import { scenarioFlags } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { colourful, print, tell, tellProblem } from './output.ts';
import { readScenario, type ScenarioFlags } from './scenario-file.ts';
import { createView } from './view.ts';

type Arguments = ScenarioFlags & {
  readonly file: string;
  readonly out: string | undefined;
  readonly seed: number | undefined;
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
        type: 'number',
        requiresArg: true,
        describe: 'Repeats the choices of another run (default: random, printed)',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print result.json, and nothing else, to stdout',
      }) as unknown as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const loaded = readScenario(args.file, args);
    const folder = args.out ?? defaultFolder(loaded.scenario.name);
    const host = hostEnvironment();
    const plan = planRun(loaded, {
      file: args.file,
      seed: args.seed ?? randomInt(2 ** 31),
      folder,
      host,
    });
    checkFolder(folder);
    const outcome = await runWatched(plan, host);
    if (outcome.failure !== null) tellProblem(outcome.failure.message, outcome.failure.hint);
    if (outcome.pageError !== null) tell(`no report.html: ${outcome.pageError}`);
    tell(
      summary(outcome.result, {
        folder,
        colour: colourful(),
        page: outcome.pageError === null ? join(folder, FILES.report) : null,
      }).trimEnd(),
    );
    if (args.json) print(JSON.stringify(outcome.result, null, 2));
    process.exitCode = outcome.result.exitCode;
  },
};

async function runWatched(plan: RunPlan, host: HostEnvironment): Promise<RunOutcome> {
  // Loaded only now: bad input is answered faster without the report's renderer.
  const { runAttempts } = await import('../runner/attempts.ts');
  using interruption = onInterrupt();
  using view = createView(plan);
  return await runAttempts(plan, {
    host,
    progress: view.progress,
    onEvent: view.onEvent,
    onSecond: view.onSecond,
    signal: interruption.signal,
  });
}

const defaultFolder = (scenario: string): string =>
  `reports/${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')}-${scenario}`;

/** `ordeal capacity FILE`: the highest rate at which the scenario holds, and how sure that is. */
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { EXPERIMENT_FILES } from '../experiment/capacity/files.ts';
import type { SearchSetting } from '../experiment/capacity/run-search.ts';
import type { SearchOptions } from '../experiment/capacity/search.ts';
import { atRate, type Pace, paceOf, phasesOf } from '../experiment/capacity/vary.ts';
import { stepLine, summaryText } from '../experiment/capacity/words.ts';
import { perSecond } from '../report/format.ts';
import { planRun } from '../runner/plan.ts';
import type { LoadedScenario } from '../scenario/load-scenario.ts';
import { checkerMemory } from './checker-memory.ts';
import { EXIT } from './exit-codes.ts';
import { durationFlag, rateFlag, scenarioFlags, shareFlag, wholeNumber } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { tell } from './output.ts';
import { readScenario, type ScenarioFlags } from './scenario-file.ts';
import { tellProgress, tellRaising } from './view.ts';

type Arguments = ScenarioFlags & {
  readonly file: string;
  readonly from: string | undefined;
  readonly precision: string;
  readonly step: string | undefined;
  readonly warmup: string;
  readonly budget: string | undefined;
  readonly seed: string;
  readonly out: string | undefined;
};

const CONFIDENCE = 0.95;
/** Twice what a search takes that meets nothing unusual. */
const MOST_STEPS = 50;

export const capacity: CommandModule<object, Arguments> = {
  command: 'capacity <file>',
  describe: 'Find the highest rate at which a scenario holds',
  builder: (yargs: Argv) =>
    scenarioFlags(
      yargs.positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'The scenario; what it expects is what has to hold',
      }),
    )
      .option('from', {
        type: 'string',
        requiresArg: true,
        describe: 'The first rate to try, such as 10k/s (default: that of the scenario)',
      })
      .option('precision', {
        type: 'string',
        requiresArg: true,
        default: '10%',
        describe: 'How wide the answer may be',
      })
      .option('step', {
        type: 'string',
        requiresArg: true,
        describe: 'How long each rate is measured (default: 8s, or as written with faults)',
      })
      .option('warmup', {
        type: 'string',
        requiresArg: true,
        default: '15s',
        describe: 'How long brokers that have just begun are warmed, before the first step',
      })
      .option('budget', {
        type: 'string',
        requiresArg: true,
        describe: 'Time for the whole search, such as 5m (default: as long as it takes)',
      })
      .option('seed', {
        type: 'string',
        requiresArg: true,
        default: '1',
        describe: 'Repeats the choices of another search',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'The folder; an unfinished search in it goes on (default: reports/<UTC>-…)',
      }) as unknown as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const begunMs = performance.now();
    const seed = wholeNumber('--seed', { least: 0 }, args.seed);
    const budgetMs = args.budget === undefined ? Infinity : durationFlag('--budget', args.budget);
    const warmingMs = durationFlag('--warmup', args.warmup);
    const stepMs = args.step === undefined ? null : durationFlag('--step', args.step);
    const written = readScenario(args.file, args, seed).scenario;
    const pace = paceOf(written);
    const phases = phasesOf(written, stepMs);
    const load = (set: readonly string[], of: number): LoadedScenario =>
      readScenario(args.file, { ...args, set: [...args.set, ...phases, ...set] }, of);
    const options: SearchOptions = {
      from: args.from === undefined ? pace.perSecond : rateFlag('--from', args.from),
      precision: shareFlag('--precision', args.precision),
      confidence: CONFIDENCE,
      most: MOST_STEPS,
    };
    const folder = args.out ?? defaultFolder(written.name);
    process.exitCode = await search(
      { options, pace, load, folder, seed, warmingMs, untilMs: begunMs + budgetMs },
      args.file,
    );
  },
};

type Question = Pick<
  SearchSetting,
  'options' | 'pace' | 'load' | 'folder' | 'seed' | 'warmingMs' | 'untilMs'
>;

/** The exit code. */
async function search(question: Question, file: string): Promise<number> {
  const host = hostEnvironment();
  using interruption = onInterrupt('healing and stopping; the same command with --out goes on');
  const { signal } = interruption;
  const { options, folder, pace } = question;
  const plan = { file, host, pull: { progress: tellProgress, signal } };
  await checkFirst(question, plan, pace);
  tell(`capacity of ${file}: from ${perSecond(options.from)}, ${folder}`);
  // Loaded only now: bad input is answered faster without the report's renderer.
  const { conductSearch } = await import('../experiment/capacity/conduct.ts');
  const conducted = await conductSearch({
    ...question,
    plan,
    context: {
      host,
      checkerBytes: checkerMemory(host.env),
      progress: tellRaising,
      onEvent: () => {},
      onSecond: () => {},
      signal,
    },
    onRate: (number, rate) => tell(`step ${number}: trying ${perSecond(rate)} …`),
    onStep: (step, next) => tell(stepLine(step, next)),
  });
  if (conducted === null) {
    tell(`interrupted; to go on: the same command with --out ${folder}`);
    return EXIT.unknown;
  }
  const { found, pageError } = conducted;
  tell(summaryText(found).trimEnd());
  tell(pageError === null ? join(folder, EXPERIMENT_FILES.page) : `no page: ${pageError}`);
  return found.exitCode;
}

/** Whatever is wrong with the scenario is said before the first step. */
const checkFirst = (
  { load, options, seed, folder }: Question,
  plan: SearchSetting['plan'],
  pace: Pace,
) => planRun(load(atRate(options.from, pace), seed), { ...plan, seed, folder });

const defaultFolder = (scenario: string): string =>
  `reports/${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')}-capacity-${scenario}`;

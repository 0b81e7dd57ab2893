/** `ordeal compare BASE CANDIDATE`: which of two is better, and is the difference real. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { checkFolder } from '../evidence/recorder.ts';
import { readBaseline } from '../experiment/compare/baseline.ts';
import type { Concluded } from '../experiment/compare/conclude-comparison.ts';
import { COMPARE_FILES } from '../experiment/compare/files.ts';
import type { CompareRules } from '../experiment/compare/findings.ts';
import { PAIRS_FILE } from '../experiment/compare/journal.ts';
import { LEAST_PAIRS } from '../experiment/compare/looks.ts';
import { type RecordedSide, sideOf } from '../experiment/compare/recorded-side.ts';
import { readRecordedRun, runFolders } from '../experiment/compare/runs.ts';
import { lookLine, pairLine, summaryText } from '../experiment/compare/words.ts';
import { inputError } from '../lib/errors.ts';
import { planRun } from '../runner/plan.ts';
import type { LoadedScenario } from '../scenario/load-scenario.ts';
import { checkerMemory } from './checker-memory.ts';
import {
  type CompareArguments as Arguments,
  compareFlags,
  phasesOf,
  rulesOf,
} from './compare-flags.ts';
import { EXIT } from './exit-codes.ts';
import { durationFlag, wholeNumber } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { onInterrupt } from './interrupt.ts';
import { print, tell } from './output.ts';
import { readScenario } from './scenario-file.ts';
import { tellProgress, tellRaising } from './view.ts';

type Sides =
  | { readonly kind: 'live'; readonly base: string; readonly candidate: string }
  | { readonly kind: 'recorded'; readonly base: RecordedSide; readonly candidate: RecordedSide };

export const compare: CommandModule<object, Arguments> = {
  command: 'compare <sides..>',
  describe: 'Compare two scenarios, two variants of one, or finished runs',
  builder: (yargs: Argv) => compareFlags(yargs),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const begunMs = performance.now();
    const rules = rulesOf(args);
    const sides = sidesOf(args);
    process.exitCode =
      sides.kind === 'recorded'
        ? await compareFolders(sides, rules, args)
        : await compareScenarios(sides, rules, args, begunMs);
  },
};

/** Throws a usage error when what is named cannot be two sides. */
function sidesOf({ sides, baseline, baselines, baseSet, candidateSet }: Arguments): Sides {
  const folders = sides.filter((side) => existsSync(side) && statSync(side).isDirectory());
  if (baseline !== undefined) {
    return {
      kind: 'recorded',
      base: readBaseline(baselines, baseline),
      candidate: recorded(sides),
    };
  }
  const [base = '', candidate, ...more] = sides;
  if (more.length > 0) {
    throw inputError('usage', `compare takes two sides, got ${sides.length}`, TWO_SIDES);
  }
  if (folders.length === 0) {
    if (candidate === undefined && baseSet.length + candidateSet.length === 0) {
      throw inputError('usage', `nothing to compare ${base} with`, TWO_SIDES);
    }
    return { kind: 'live', base, candidate: candidate ?? base };
  }
  if (folders.length !== 2 || candidate === undefined) {
    throw inputError('usage', 'compare takes two scenarios or two folders of runs', TWO_SIDES);
  }
  return { kind: 'recorded', base: recorded([base]), candidate: recorded([candidate]) };
}

const TWO_SIDES =
  'try: ordeal compare FILE --candidate-set load.NAME.config.linger.ms=50, or see: ordeal compare --help';

const recorded = (paths: readonly string[]): RecordedSide =>
  sideOf(paths.join(' '), paths.flatMap(runFolders).map(readRecordedRun));

/** The exit code. */
async function compareFolders(
  sides: Extract<Sides, { kind: 'recorded' }>,
  rules: CompareRules,
  args: Arguments,
): Promise<number> {
  const folder = args.out ?? defaultFolder(sides.candidate.scenario);
  checkFolder(folder);
  // Loaded only now: bad input is answered faster without the report's renderer.
  const { compareRecorded } = await import('../experiment/compare/compare-recorded.ts');
  const { version } = hostEnvironment();
  return tellFound(await compareRecorded({ ...sides, rules, folder, version }), folder, args);
}

/** The exit code. */
async function compareScenarios(
  sides: Extract<Sides, { kind: 'live' }>,
  rules: CompareRules,
  args: Arguments,
  begunMs: number,
): Promise<number> {
  const seed = wholeNumber('--seed', { least: 0 }, args.seed);
  const most = wholeNumber('--pairs', { least: LEAST_PAIRS, most: 1000 }, args.pairs);
  const budgetMs = args.budget === undefined ? Infinity : durationFlag('--budget', args.budget);
  const phases = phasesOf(args);
  const side = (file: string, own: readonly string[]) => ({
    file,
    set: own,
    load: (set: readonly string[], of: number): LoadedScenario =>
      readScenario(file, { ...args, set: [...args.set, ...own, ...phases, ...set] }, of),
  });
  const base = side(sides.base, args.baseSet);
  const candidate = side(sides.candidate, args.candidateSet);
  const folder = args.out ?? defaultFolder(base.load([], seed).scenario.name);
  if (!existsSync(join(folder, PAIRS_FILE))) checkFolder(folder);
  const host = hostEnvironment();
  using interruption = onInterrupt('healing and stopping; the same command with --out goes on');
  const { signal } = interruption;
  const plan = { host, pull: { progress: tellProgress, signal } };
  // Whatever is wrong with either scenario is said before the first run.
  for (const { file, load } of [base, candidate]) {
    await planRun(load([], seed), { ...plan, file, seed, folder });
  }
  tell(`comparing ${base.file} with ${candidate.file}: at most ${most} pairs, ${folder}`);
  const { compareLive } = await import('../experiment/compare/compare-live.ts');
  const concluded = await compareLive({
    ...{ base, candidate, rules, most, folder, seed, plan },
    untilMs: begunMs + budgetMs,
    context: {
      host,
      checkerBytes: checkerMemory(host.env),
      progress: tellRaising,
      onEvent: () => {},
      onSecond: () => {},
      signal,
    },
    onPair: (pair) => tell(pairLine(pair, rules.deciding)),
    onVoid: (number, why) => tell(`pair ${number} is void and made again: ${why}`),
    onLook: (metrics, pairs) => tell(lookLine(metrics, pairs)),
  });
  if (concluded !== null) return tellFound(concluded, folder, args);
  tell(`interrupted; to go on: the same command with --out ${folder}`);
  return EXIT.unknown;
}

/** The exit code. */
function tellFound({ found, pageError }: Concluded, folder: string, { json }: Arguments): number {
  tell(summaryText(found).trimEnd());
  tell(pageError === null ? join(folder, COMPARE_FILES.page) : `no page: ${pageError}`);
  if (json) print(JSON.stringify(found, null, 2));
  return found.exitCode;
}

const defaultFolder = (scenario: string): string =>
  `reports/${new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')}-compare-${scenario}`;

/** `ordeal baseline save NAME RUN…`: keeps what `compare --baseline NAME` needs of runs that were good. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { BASELINES, saveBaseline } from '../experiment/compare/baseline.ts';
import { sideOf } from '../experiment/compare/recorded-side.ts';
import { readRecordedRun, runFolders } from '../experiment/compare/runs.ts';
import { plural } from '../report/format.ts';
import { tell } from './output.ts';

type SaveArguments = {
  readonly name: string;
  readonly runs: readonly string[];
  readonly baselines: string;
};

export const baselinesFlag = {
  type: 'string',
  requiresArg: true,
  default: BASELINES,
  describe: 'The folder of the baselines',
} as const;

const save: CommandModule<object, SaveArguments> = {
  command: 'save <name> <runs..>',
  describe: 'Keep the values of finished runs under a name',
  builder: (yargs: Argv) =>
    yargs
      .positional('name', { type: 'string', demandOption: true, describe: 'Such as main' })
      .positional('runs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Run folders, or folders of runs as `run --repeat` leaves them; six runs or more',
      })
      .option('baselines', baselinesFlag) as unknown as Argv<SaveArguments>,
  handler: ({ name, runs, baselines }: ArgumentsCamelCase<SaveArguments>) => {
    const recorded = runs.flatMap(runFolders).map(readRecordedRun);
    const path = saveBaseline(baselines, name, sideOf(runs.join(' '), recorded));
    tell(`${path}: ${plural(recorded.length, 'run')} of ${recorded[0]?.scenario}`);
  },
};

export const baseline: CommandModule = {
  command: 'baseline',
  describe: 'Keep runs to compare later ones with',
  builder: (yargs: Argv) => yargs.command(save).demandCommand(1, 'say: ordeal baseline save'),
  handler: () => {},
};

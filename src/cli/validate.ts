/** `ordeal validate FILE…`: every problem of every file, with its line; nothing is started. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { planRun } from '../runner/plan.ts';
import { ScenarioError } from '../scenario/load-scenario.ts';
import { EXIT } from './exit-codes.ts';
import { scenarioFlags } from './flags.ts';
import { hostEnvironment } from './host.ts';
import { print, tell } from './output.ts';
import { readScenario, type ScenarioFlags } from './scenario-file.ts';

type Arguments = ScenarioFlags & { readonly files: readonly string[] };

export const validate: CommandModule<object, Arguments> = {
  command: 'validate <files..>',
  describe: 'Check scenario files; says every problem with its line',
  builder: (yargs: Argv) =>
    scenarioFlags(
      yargs.positional('files', { type: 'string', array: true, demandOption: true }),
    ) as Argv<Arguments>,
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    let wrong = 0;
    for (const file of args.files) {
      try {
        await planRun(readScenario(file, args), {
          file,
          seed: 1,
          folder: 'reports',
          host: hostEnvironment(),
        });
        print(`${file}: valid`);
      } catch (error) {
        if (!(error instanceof ScenarioError)) throw error;
        wrong++;
        tell(error.message);
      }
    }
    process.exitCode = wrong === 0 ? EXIT.pass : EXIT.badInput;
  },
};

/** `ordeal report RUN…`: judges finished runs again from their evidence and renders their pages anew. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { FILES } from '../evidence/run-folder.ts';
import { inputError } from '../lib/errors.ts';
import { summary } from '../report/terminal.ts';
import { checkerMemory } from './checker-memory.ts';
import { worstExit } from './exit-codes.ts';
import { hostEnvironment } from './host.ts';
import { colourful, print, tell } from './output.ts';

type Arguments = {
  readonly runs: readonly string[];
  readonly json: boolean;
  readonly format: 'omb' | undefined;
};

export const report: CommandModule<object, Arguments> = {
  command: 'report <runs..>',
  describe: 'Judge finished runs again from their evidence; exits by their verdict',
  builder: (yargs: Argv) =>
    yargs
      .positional('runs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Run folders, such as reports/2026-01-01T120000Z-leader-kill',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print result.json, and nothing else, to stdout',
      })
      .option('format', {
        choices: ['omb'] as const,
        requiresArg: true,
        describe: 'Print each run to stdout as a result of OpenMessaging Benchmark, nothing else',
      }) as unknown as Argv<Arguments>,
  handler: async ({ runs, json, format }: ArgumentsCamelCase<Arguments>) => {
    if (json && format !== undefined) {
      const hint = 'give one of --json and --format';
      throw inputError('usage', 'stdout takes the result in one form', hint);
    }
    for (const folder of runs) checkRunFolder(folder);
    const checkerBytes = checkerMemory(hostEnvironment().env);
    const { judge } = await import('../runner/judge.ts');
    const results = [];
    for (const folder of runs) {
      const { result, pageError, ...judged } = await judge(folder, { checkerBytes });
      if (pageError !== null) tell(`no report.html: ${pageError}`);
      const page = pageError === null ? join(folder, FILES.report) : null;
      tell(summary(result, { folder, colour: colourful(), page }).trimEnd());
      if (json) print(JSON.stringify(result, null, 2));
      if (format === 'omb') {
        const { toOmbResult } = await import('../experiment/omb/omb-result.ts');
        const { scenario, evidence, measures } = judged;
        print(JSON.stringify(toOmbResult(scenario, evidence, measures), null, 2));
      }
      results.push(result);
    }
    process.exitCode = worstExit(results);
  },
};

function checkRunFolder(folder: string): void {
  for (const name of [FILES.run, FILES.scenario]) {
    if (!existsSync(join(folder, name))) {
      throw inputError(
        'run.not-found',
        `${folder} is not a run folder: it has no ${name}`,
        'give the folder that `ordeal run` named, under reports/ unless --out said otherwise',
      );
    }
  }
}

/** `ordeal import omb WORKLOAD DRIVER`: makes a scenario of what another tool was told to run. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import * as kafkajs from '../clients/kafkajs/settings.ts';
import * as native from '../clients/native/settings.ts';
import type { Honoured } from '../experiment/omb/driver.ts';
import { importOmb } from '../experiment/omb/import-omb.ts';
import { inputError } from '../lib/errors.ts';
import { planRun } from '../runner/plan.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { hostEnvironment } from './host.ts';
import { print, tell } from './output.ts';

type Arguments = {
  readonly format: string;
  readonly workload: string;
  readonly driver: string;
  readonly out: string | undefined;
};

export const importing: CommandModule<object, Arguments> = {
  command: 'import <format> <workload> <driver>',
  describe: 'Make a scenario of OpenMessaging Benchmark files: import omb WORKLOAD DRIVER',
  builder: (yargs: Argv) =>
    yargs
      .positional('format', { choices: ['omb'], demandOption: true, describe: 'What they are' })
      .positional('workload', { type: 'string', demandOption: true, describe: 'Workload file' })
      .positional('driver', { type: 'string', demandOption: true, describe: 'Kafka driver file' })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'The scenario to write, a new file (default: stdout)',
      }) as unknown as Argv<Arguments>,
  handler: async ({ workload, driver, out }: ArgumentsCamelCase<Arguments>) => {
    const source = { workload: sourceAt(workload), driver: sourceAt(driver) };
    const text = importOmb(source, HONOURED);
    const file = out ?? 'the imported scenario';
    // What only a plan can see (values of settings, sizes against limits) is said before anything is written.
    const loaded = loadScenario(text, { file, env: {} });
    await planRun(loaded, { file, seed: 1, folder: 'reports', host: hostEnvironment() });
    if (out === undefined) print(text.trimEnd());
    else writeNew(out, text);
  },
};

const HONOURED: Honoured = {
  kafkajs: {
    produce: Object.keys(kafkajs.PRODUCER_SETTINGS),
    consume: Object.keys(kafkajs.CONSUMER_SETTINGS),
  },
  native: {
    produce: Object.keys(native.PRODUCER_SETTINGS),
    consume: Object.keys(native.CONSUMER_SETTINGS),
  },
};

function sourceAt(file: string) {
  try {
    return { file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such file' : code;
    throw inputError('import.unreadable', `cannot read ${file}: ${reason}`);
  }
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'it is there already' : code;
    throw inputError('import.unwritable', `cannot write ${file}: ${reason}`, 'name a new file');
  }
  tell(`wrote ${file}; try: ordeal plan ${file}`);
}

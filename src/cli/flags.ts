/** Flags that several verbs share. */
import type { Argv } from 'yargs';

export const scenarioFlags = (yargs: Argv): Argv =>
  yargs
    .option('set', {
      type: 'string',
      array: true,
      default: [] as string[],
      requiresArg: true,
      nargs: 1,
      describe: 'Override one value: --set load.checkout.rate=10k/s',
    })
    .option('provider', {
      choices: ['auto', 'local', 'docker', 'external'],
      describe: 'Where the cluster comes from (default: what the scenario says)',
    })
    .option('bootstrap', {
      type: 'string',
      requiresArg: true,
      describe: 'HOST:PORT,… of a cluster that already runs',
    });

/** The command line's verbs and flags. */
import yargs from 'yargs';
import { inputError } from '../lib/errors.ts';
import { baseline } from './baseline.ts';
import { capacity } from './capacity.ts';
import { clean } from './clean.ts';
import { cluster } from './cluster.ts';
import { compare } from './compare.ts';
import { doctor } from './doctor.ts';
import { packageVersion } from './host.ts';
import { image } from './image.ts';
import { importing } from './import.ts';
import { plan } from './plan.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { validate } from './validate.ts';

const EPILOGUE = `Exit codes: 0 pass, 1 fail, 2 bad input, 3 unknown, 70 a defect in ordeal.
Start with: ordeal run scenarios/broker-loss/leader-kill.yaml`;

/** Sets `process.exitCode`; throws what the caller maps to an exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  await yargs(argv)
    .scriptName('ordeal')
    .usage('$0 <verb>: puts Apache Kafka on trial')
    .command(run)
    .command(capacity)
    .command(compare)
    .command(baseline)
    .command(validate)
    .command(plan)
    .command(report)
    .command(doctor)
    .command(clean)
    .command(cluster)
    .command(image)
    .command(schema)
    .command(importing)
    .demandCommand(1, 'name a verb')
    .recommendCommands()
    .strict()
    .version(packageVersion())
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, process.stderr.columns ?? 100))
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .exitProcess(false)
    .check(givenOnce)
    .fail((message, error) => {
      // yargs' own complaints are usage; anything else is what it is.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw inputError('usage', message ?? error?.message, usageHint(argv));
    })
    .parseAsync();
}

/** A word after `--reuse` is taken for the cluster's name. */
const usageHint = (argv: readonly string[]): string =>
  argv[0] === 'run' && argv.includes('--reuse')
    ? 'write the scenario before --reuse: ordeal run FILE --reuse [NAME]'
    : 'see: ordeal --help';

/** Flags that take one value; `--set` alone may be given again and again. */
const SINGLE = [
  ...['out', 'seed', 'repeat', 'provider', 'bootstrap'],
  ...['allow-destructive', 'keep-topics', 'base', 'kafka', 'name', 'reuse'],
  ...['from', 'precision', 'step', 'budget'],
  ...[
    'baseline',
    'baselines',
    'metrics',
    'practical',
    'tolerance',
    'error',
    'pairs',
    'measure',
    'warmup',
  ],
];

function givenOnce(args: Readonly<Record<string, unknown>>): true {
  const twice = SINGLE.find((flag) => Array.isArray(args[flag]));
  if (twice === undefined) return true;
  throw inputError('usage', `--${twice} was given more than once`, 'give it once');
}

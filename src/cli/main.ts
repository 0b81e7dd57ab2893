#!/usr/bin/env node
/** The command line: dispatches to the verbs and maps every outcome to its exit code. */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { inputError, OrdealError } from '../lib/errors.ts';
import { clean } from './clean.ts';
import { doctor } from './doctor.ts';
import { EXIT } from './exit-codes.ts';
import { packageVersion } from './host.ts';
import { tell, tellProblem } from './output.ts';
import { plan } from './plan.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { validate } from './validate.ts';

const EPILOGUE = `Exit codes: 0 pass, 1 fail, 2 bad input, 3 unknown, 70 a defect in ordeal.
Start with: ordeal run scenarios/broker-loss/leader-kill.yaml`;

async function main(argv: readonly string[]): Promise<void> {
  await yargs(argv)
    .scriptName('ordeal')
    .usage('$0 <verb>: puts Apache Kafka on trial')
    .command(run)
    .command(validate)
    .command(plan)
    .command(report)
    .command(doctor)
    .command(clean)
    .command(schema)
    .demandCommand(1, 'name a verb')
    .recommendCommands()
    .strict()
    .version(packageVersion())
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, process.stderr.columns ?? 100))
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? inputError('usage', message, 'see: ordeal --help');
    })
    .parseAsync();
}

/** A defect shows its stack and never looks like a verdict; the reaper cleans up behind it. */
function fail(error: unknown): void {
  if (error instanceof OrdealError) {
    tellProblem(error.message, error.hint);
    process.exitCode = error.kind === 'input' ? EXIT.badInput : EXIT.unknown;
    return;
  }
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  tell('This is a defect in ordeal, not a verdict on Kafka.');
  process.exitCode = EXIT.defect;
}

const die = (error: unknown): void => {
  fail(error);
  process.exit(EXIT.defect);
};
process.on('uncaughtException', die);
process.on('unhandledRejection', die);
// A reader that stops reading (`| head`) is no defect.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') die(error);
});

try {
  await main(hideBin(process.argv));
} catch (error) {
  fail(error);
}

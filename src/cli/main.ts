#!/usr/bin/env node
/**
 * The entry. It maps every outcome to its exit code, and loads the program only then: a defect while loading is a
 * defect too, and Node alone would exit 1 for it.
 */
import { OrdealError } from '../lib/errors.ts';
import { EXIT } from './exit-codes.ts';
import { tell, tellProblem } from './output.ts';

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
  const { main } = await import('./program.ts');
  await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}

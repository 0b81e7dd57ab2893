/** Flags that several verbs share. */
import type { Argv } from 'yargs';
import { inputError } from '../lib/errors.ts';
import { type Parsed, parseDuration, parseRate, parseShare } from '../scenario/units.ts';

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
    })
    .option('allow-destructive', {
      type: 'boolean',
      default: false,
      describe: 'On an external cluster: let loads write into topics that were there before',
    })
    .option('keep-topics', {
      type: 'boolean',
      default: false,
      describe: 'On an external cluster: leave the topics and groups that the run made',
    });

/** Reads a flag's value as a whole number; throws a usage error that names the flag. */
export function wholeNumber(
  flag: string,
  { least, most = Number.MAX_SAFE_INTEGER }: { readonly least: number; readonly most?: number },
  text: string,
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const to = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
    const got = text.length > 100 ? `${text.slice(0, 100)}…` : text;
    throw inputError('usage', `${flag} wants a whole number from ${least} ${to}, got ${got}`);
  }
  return value;
}

/** A flag's value in a unit; throws a usage error that names the flag. */
const inUnits =
  (parse: (text: string) => Parsed<number>) =>
  (flag: string, text: string): number => {
    const read = parse(text);
    if (read.ok && read.value > 0) return read.value;
    throw inputError(
      'usage',
      `${flag}: ${read.ok ? 'more than 0 is needed' : read.message}`,
      read.ok ? undefined : read.hint,
    );
  };

/** Milliseconds. */
export const durationFlag = inUnits(parseDuration);
/** Records per second. */
export const rateFlag = inUnits(parseRate);
/** 0…1. */
export const shareFlag = inUnits(parseShare);

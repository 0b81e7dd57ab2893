/** The only console output. What a script may parse goes to stdout; everything for people goes to stderr. */
import { stripVTControlCharacters, styleText } from 'node:util';

/** Machine-readable output, and what a verb was asked to print. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** For people: progress, problems, summaries. */
export const tell = (text: string): void => {
  process.stderr.write(`${colourful() ? text : stripVTControlCharacters(text)}\n`);
};

/** Whether stderr is a terminal that takes colours; NO_COLOR and FORCE_COLOR are honoured. */
export function colourful(): boolean {
  if (process.env['NO_COLOR']) return false;
  if (process.env['FORCE_COLOR']) return process.env['FORCE_COLOR'] !== '0';
  return process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
}

export const tellProblem = (message: string, hint?: string): void => {
  tell(`${styleText('red', 'error:', { validateStream: false })} ${message}`);
  if (hint !== undefined) tell(`  ${styleText('dim', 'hint:', { validateStream: false })} ${hint}`);
};

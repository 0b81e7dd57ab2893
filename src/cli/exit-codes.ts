/** The exit codes, a public contract (README). */
import type { Result } from '../verify/result.ts';

export const EXIT = {
  pass: 0,
  fail: 1,
  badInput: 2,
  unknown: 3,
  defect: 70,
  interruptedTwice: 130,
} as const;

/** Several runs exit as the worst of them: a failure outranks what is unknown. */
export function worstExit(results: readonly Pick<Result, 'exitCode'>[]): number {
  const codes = results.map(({ exitCode }) => exitCode);
  if (codes.includes(EXIT.fail)) return EXIT.fail;
  return codes.includes(EXIT.unknown) ? EXIT.unknown : EXIT.pass;
}

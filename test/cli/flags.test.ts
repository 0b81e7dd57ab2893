/** Numbers in flags: read, or refused with what was given. */
import { expect, test } from 'vitest';
import { wholeNumber } from '../../src/cli/flags.ts';

test('a number in range is read', () => {
  expect(wholeNumber('--seed', { least: 0 }, '7')).toBe(7);
});

test('what is none is shown, but not pages of it', () => {
  const refusal = (text: string): string => {
    try {
      return String(wholeNumber('--seed', { least: 0 }, text));
    } catch (error) {
      return String(error);
    }
  };
  expect(refusal('seven')).toContain('--seed wants a whole number from 0 on, got seven');
  expect(refusal('x'.repeat(5000)).length).toBeLessThan(300);
});

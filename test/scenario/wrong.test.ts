/** Wrong scenarios: every problem of each file, with its place, what it says and what it advises. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problemsOf } from './problems-of.ts';

const FOLDER = new URL('wrong/', import.meta.url);
const FILES = readdirSync(FOLDER).sort();

/** A file opens with what is wrong with it: `# problem LINE:COLUMN | part of the message | part of the hint`. */
const PROBLEM = /^# problem (\d+:\d+) \| (.*?) \| (.*)$/gm;

test('there are at least fifty', () => {
  expect(FILES.length).toBeGreaterThanOrEqual(50);
});

test.each(FILES)('%s', (name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const expected = [...text.matchAll(PROBLEM)].map(([, at, message, hint]) => ({
    at: `wrong.yaml:${at}`,
    message: expect.stringContaining(message as string),
    ...(hint === '' ? {} : { hint: expect.stringContaining(hint as string) }),
  }));
  const problems = problemsOf(text);
  expect(problems).toMatchObject(expected);
  for (const problem of problems) {
    expect(problem.frame).toMatch(/^> +\d+ \|/m);
    expect(problem.message).not.toMatch(/\.$|undefined|NaN|\[object/);
  }
});

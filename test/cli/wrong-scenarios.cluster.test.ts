/**
 * Wrong scenarios as a user gives them: all to one `ordeal validate`, and some to `ordeal run`, which refuses each with
 * exit 2, a position and a hint, and starts nothing. What each of them is told is a unit test.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ordeal, ROOT, scratch } from './ordeal.ts';

const folder = scratch();
const WRONG = join(ROOT, 'test/scenario/wrong');
const files = readdirSync(WRONG);
/** One of so many is run. */
const EVERY = 7;
const AT_ONCE = 2;

test(`${files.length} wrong scenarios are refused with their places`, async () => {
  const { code, stdout, stderr } = await ordeal([
    'validate',
    ...files.map((file) => join(WRONG, file)),
  ]);
  for (const file of files) expect(stderr, file).toMatch(new RegExp(`${file}:\\d+:\\d+`));
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
});

test('they are refused before anything starts', async () => {
  const waiting = files.filter((_, i) => i % EVERY === 0);
  const refuse = async (): Promise<void> => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const { code, stdout, stderr } = await ordeal(['run', join(WRONG, file)], { cwd: folder });
      expect(stderr, file).toMatch(new RegExp(`${file}:\\d+:\\d+`));
      expect(stderr, file).toContain('hint:');
      expect({ code, stdout }, `${file}\n${stderr}`).toEqual({ code: 2, stdout: '' });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, refuse));
  expect(existsSync(join(folder, 'reports'))).toBe(false);
});

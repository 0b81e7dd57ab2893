/** Every wrong scenario, given to `ordeal run` as a user would: exit 2 with a position and a hint, nothing started. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ordeal, ROOT, scratch } from './ordeal.ts';

const folder = scratch();
const WRONG = join(ROOT, 'test/scenario/wrong');
const files = readdirSync(WRONG);
const AT_ONCE = 2;

test(`${files.length} wrong scenarios are refused before anything starts`, async () => {
  expect(files.length).toBeGreaterThanOrEqual(50);
  const waiting = [...files];
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

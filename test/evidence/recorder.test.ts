/** The run folder: where one may be made, and what is answered where not. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkFolder } from '../../src/evidence/recorder.ts';

const folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'file'), '');
symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
mkdirSync(join(folder, 'empty'));
symlinkSync(join(folder, 'empty'), join(folder, 'link'));

describe('a run folder', () => {
  test.each([
    ['a file', 'file'],
    ['below a file', 'file/run'],
    ['deep below a file', 'file/a/b'],
    ['a link to nothing', 'dangling'],
    ['below a link to nothing', 'dangling/run'],
  ])('cannot be %s', (_, name) => {
    expect(() => checkFolder(join(folder, name))).toThrow(
      expect.objectContaining({ kind: 'input', code: 'out.not-a-folder' }),
    );
  });

  test.each(['new', 'new/and/deep', 'empty', 'link', 'link/run'])('may be %s', (name) => {
    expect(() => checkFolder(join(folder, name))).not.toThrow();
  });

  test('must be empty', () => {
    mkdirSync(join(folder, 'full', 'something'), { recursive: true });
    expect(() => checkFolder(join(folder, 'full'))).toThrow(
      expect.objectContaining({ kind: 'input', code: 'out.not-empty' }),
    );
  });
});

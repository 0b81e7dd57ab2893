/** Which Java is taken, and what is said when none will do. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findJava, parseVersion } from '../../src/host/java.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that says it is this Java; returns its folder. */
function fakeJava(name: string, version: string): string {
  const bin = join(folder, name, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
  chmodSync(join(bin, 'java'), 0o755);
  return bin;
}

const find = (env: Record<string, string>) =>
  findJava({ env, platform: process.platform, version: '0' });

test('JAVA_HOME goes before PATH', async () => {
  const home = join(fakeJava('home', '21.0.1'), '..');
  const path = fakeJava('path', '17.0.2');
  expect(await find({ JAVA_HOME: home, PATH: path })).toMatchObject({ major: 21 });
});

test('an old JAVA_HOME does not hide a good one in PATH', async () => {
  const home = join(fakeJava('home', '1.8.0_392'), '..');
  const path = fakeJava('path', '17.0.2');
  expect(await find({ JAVA_HOME: home, PATH: path })).toMatchObject({ major: 17 });
});

test('none is one message that says how to get it', async () => {
  await expect(find({ PATH: folder })).rejects.toMatchObject({
    code: 'java.missing',
    kind: 'environment',
    hint: expect.stringContaining('JAVA_HOME'),
  });
});

test('an old one is named', async () => {
  await expect(find({ PATH: fakeJava('path', '11.0.2') })).rejects.toMatchObject({
    code: 'java.too-old',
    message: expect.stringContaining('Java 11'),
  });
});

describe('versions as Java prints them', () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "25" 2025-09-16', 25],
    ['openjdk version "24-ea" 2025-03-18', 24],
  ])('%s', (printed, major) => {
    expect(parseVersion('java', printed)?.major).toBe(major);
  });
  test('something else', () => {
    expect(parseVersion('java', 'The operation could not be completed.')).toBeUndefined();
  });
});

/** The Java that brokers run on: JAVA_HOME's, or the one in PATH; 17 or newer. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentError } from '../lib/errors.ts';
import { childEnvironment, type HostEnvironment } from './environment.ts';
import { findInPath, isExecutable } from './executable.ts';

export const OLDEST_JAVA = 17;

export type Java = {
  readonly path: string;
  /** The first line it prints, such as `openjdk version "17.0.15" 2025-04-15`. */
  readonly version: string;
  readonly major: number;
  /** All it prints; differs whenever a class-data archive would not fit. */
  readonly build: string;
};

const HINT =
  'install a Java 17+ runtime (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk) ' +
  'and set JAVA_HOME, or put java in PATH';

/** Throws `java.missing` or `java.too-old`. */
export async function findJava(host: HostEnvironment): Promise<Java> {
  const found: Java[] = [];
  for (const path of await candidates(host)) {
    const java = await ask(path, host);
    if (java !== undefined && java.major >= OLDEST_JAVA) return java;
    if (java !== undefined) found.push(java);
  }
  if (found.length === 0) {
    throw environmentError('java.missing', 'no Java was found in JAVA_HOME or PATH', {
      hint: HINT,
    });
  }
  const old = found.map(({ path, major }) => `${path} is Java ${major}`).join(', ');
  throw environmentError('java.too-old', `Kafka needs Java ${OLDEST_JAVA} or newer: ${old}`, {
    hint: HINT,
  });
}

async function candidates(host: HostEnvironment): Promise<readonly string[]> {
  const home = host.env['JAVA_HOME'];
  const ofHome = home ? join(home, 'bin', 'java') : undefined;
  const inPath = await findInPath('java', host);
  return [
    ...(ofHome !== undefined && (await isExecutable(ofHome)) ? [ofHome] : []),
    ...(inPath === undefined ? [] : [inPath]),
  ];
}

/** Undefined when it does not run or does not say a version (macOS ships a java that only says how to get one). */
async function ask(path: string, host: HostEnvironment): Promise<Java | undefined> {
  try {
    const { stderr } = await promisify(execFile)(path, ['-version'], {
      env: { ...childEnvironment(host) },
      timeout: 20_000,
    });
    return parseVersion(path, stderr);
  } catch {
    return undefined;
  }
}

/** `"17.0.15"` is 17, `"1.8.0_392"` is 8, `"25"` is 25. */
export function parseVersion(path: string, printed: string): Java | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  if (first === undefined) return undefined;
  return {
    path,
    version: printed.split('\n')[0] ?? '',
    major: Number(first === '1' ? second : first),
    build: printed.trim(),
  };
}

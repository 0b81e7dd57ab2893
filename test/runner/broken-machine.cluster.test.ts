/** A machine that is not as it should be: one clear message, exit 3, and nothing left running. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Ended, eventsOf, ordeal, resultOf, scratch } from '../cli/ordeal.ts';

const folder = scratch();
const SKELETON = 'test/scenarios/skeleton.yaml';
let runs = 0;

const run = (env: Record<string, string>, scenario = SKELETON, out = newFolder()) =>
  ordeal(['run', scenario, '--out', out], { env }).then((ended) => ({ ...ended, out }));

const newFolder = (): string => join(folder, `run-${++runs}`);

/** One message with a hint, the right exit code, and every process the run told of gone. */
function expectClear({ code, stderr, out }: Ended & { out: string }, words: string): void {
  expect(stderr).toContain(words);
  expect(stderr.match(/^error:/gm)).toHaveLength(1);
  expect(stderr).toContain('hint:');
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(code).toBe(3);
  const pids = eventsOf(out).flatMap((event) => ('pid' in event ? [event.pid] : []));
  for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
}

/** A cache of one's own that shares the real one's jars, but has no Toxiproxy. */
function cacheWithoutToxiproxy(): string {
  const cache = join(folder, 'cache');
  mkdirSync(join(cache, 'ordeal'), { recursive: true });
  const real = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  symlinkSync(join(real, 'ordeal', 'kafka'), join(cache, 'ordeal', 'kafka'));
  return cache;
}

describe('before anything runs', () => {
  test('no Java', async () => {
    const ended = await run({ PATH: folder, JAVA_HOME: '' });
    expectClear(ended, 'Java');
    const { verdict, reasons } = resultOf(ended.out);
    expect(verdict).toBe('unknown');
    expect(reasons[0]?.code).toBe('environment-failed');
  });

  test('no network and an empty cache', async () => {
    const cache = { XDG_CACHE_HOME: join(folder, 'empty') };
    expectClear(await run({ ...cache, ORDEAL_MAVEN_REPOSITORY: 'http://127.0.0.1:1' }), 'fetched');
  });

  test('no Toxiproxy for a network fault', async () => {
    const java = dirname(execFileSync('which', ['java'], { encoding: 'utf8' }).trim());
    const env = {
      XDG_CACHE_HOME: cacheWithoutToxiproxy(),
      ORDEAL_TOXIPROXY_RELEASES: 'http://127.0.0.1:1',
      JAVA_HOME: join(java, '..'),
      PATH: existsSync(join(java, 'go')) ? folder : java,
    };
    expectClear(await run(env, 'test/scenarios/client-latency.yaml'), 'Toxiproxy');
  });

  test('a reports folder that cannot be written', async () => {
    // Not even root makes folders there.
    const ended = await run({}, SKELETON, '/sys/ordeal/run');
    expectClear(ended, 'cannot write');
  });

  test('a cluster that is not there', async () => {
    const { code, stderr } = await ordeal([
      ...['run', 'test/scenarios/lied-to.yaml', '--bootstrap', '127.0.0.1:1'],
      ...['--out', newFolder()],
    ]);
    expect(stderr).toContain('127.0.0.1:1');
    expect(code).toBe(3);
  });

  test('a port where something else answers', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code, stderr } = await ordeal([
      ...['run', 'test/scenarios/lied-to.yaml', '--bootstrap', `127.0.0.1:${port}`],
      ...['--out', newFolder()],
    ]);
    server.close();
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(code).toBe(3);
  });
});

describe.skipIf(!mayMount())('on a full disk', () => {
  const onDisk = async (size: string) => {
    const disk = newFolder();
    mountSmall(disk, size);
    try {
      return await run({}, 'test/scenarios/steady.yaml', join(disk, 'run'));
    } finally {
      execFileSync('umount', [disk]);
    }
  };

  test('in the middle of a run', async () => {
    expectClear({ ...(await onDisk('256k')), out: folder }, 'no space left');
  });

  test('at the start, where brokers cannot even log that they started', async () => {
    const ended = await onDisk('40k');
    expectClear({ ...ended, out: folder }, 'no space left');
    expect(ended.stderr).toMatch(/the run cannot go on: .*no space left/);
  });
});

function mountSmall(path: string, size: string): void {
  mkdirSync(path);
  const options = ['-t', 'tmpfs', '-o', `size=${size}`];
  execFileSync('mount', [...options, 'tmpfs', path], { stdio: 'ignore' });
}

/** Only root may, and not everywhere. */
function mayMount(): boolean {
  const path = newFolder();
  try {
    mountSmall(path, '4k');
  } catch {
    return false;
  }
  execFileSync('umount', [path]);
  return true;
}

/** A machine that is not as it should be: one clear message each, and nothing is left running. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../src/host/environment.ts';
import { startTimeOf } from '../../src/host/identity.ts';
import { stateFile } from '../../src/host/run-state.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import type { ClusterSpec } from '../../src/scenario/scenario.ts';
import { providers } from './built.ts';
import { contextIn, hostWith, scenarioWith } from './scenarios.ts';

const build = resolve(process.env['ORDEAL_TEST_BUILD'] ?? 'dist');
let folder: string;
let context: ReturnType<typeof contextIn>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = async (env: Record<string, string>, cluster: Partial<ClusterSpec> = {}) => {
  const scenario = scenarioWith({ brokers: 1, ...cluster });
  const provider = await providers.providerOf('local', hostWith(env));
  context = contextIn(join(folder, 'run'));
  return provider.start({ scenario, proxied: [] }, context);
};

/** Processes whose command line names this text. */
const processesNaming = (text: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });

test('no Java', async () => {
  await expect(start({ PATH: folder, JAVA_HOME: '' })).rejects.toMatchObject({
    code: 'java.missing',
    kind: 'environment',
  });
});

test('a cache that cannot be written', async () => {
  writeFileSync(join(folder, 'file'), '');
  const cache = { XDG_CACHE_HOME: join(folder, 'file') };
  await expect(start(cache)).rejects.toMatchObject({ code: 'cache.unwritable' });
});

test('no network and an empty cache', async () => {
  const nowhere = { XDG_CACHE_HOME: folder, ORDEAL_MAVEN_REPOSITORY: 'http://127.0.0.1:1' };
  await expect(start(nowhere)).rejects.toMatchObject({
    code: 'download.failed',
    hint: expect.stringContaining('ORDEAL_MAVEN_REPOSITORY'),
  });
});

test('a corrupt cached jar is fetched again, alone, and the cluster starts', async () => {
  const warm = await start({});
  await warm[Symbol.asyncDispose]();
  const jars = join(cacheFolder(hostWith()), 'kafka', '4.3.1');
  const mine = join(folder, 'ordeal', 'kafka', '4.3.1');
  mkdirSync(join(mine, '..'), { recursive: true });
  cpSync(jars, mine, { recursive: true });
  const victim = join(mine, 'jars', 'pcollections-4.0.2.jar');
  const bytes = readFileSync(victim);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(victim, bytes);
  const asked: string[] = [];
  const repository = createServer((request, response) => {
    asked.push(basename(request.url ?? ''));
    response.end(readFileSync(join(jars, 'jars', basename(request.url ?? ''))));
  });
  await new Promise<void>((listening) => repository.listen(0, '127.0.0.1', listening));
  try {
    const address = repository.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const cluster = await start({
      XDG_CACHE_HOME: folder,
      ORDEAL_MAVEN_REPOSITORY: `http://127.0.0.1:${port}/maven`,
    });
    await cluster[Symbol.asyncDispose]();
  } finally {
    repository.close();
  }
  expect(asked).toEqual(['pcollections-4.0.2.jar']);
});

test('a broker that dies at start shows its last lines, and the others are stopped', async () => {
  const config = { 'log.segment.bytes': 'plenty' };
  await expect(start({}, { brokers: 2, config })).rejects.toMatchObject({
    code: 'broker.died',
    kind: 'environment',
    message: expect.stringContaining('log.segment.bytes'),
    hint: expect.stringContaining('cluster.config'),
  });
  const pids = context.events.flatMap((event) => (event.type === 'started' ? [event.pid] : []));
  expect(pids.length).toBeGreaterThan(0);
  expect(pids.map(startTimeOf)).toEqual(pids.map(() => undefined));
  expect(existsSync(stateFile(hostWith(), `${context.runId}-${process.pid}`))).toBe(false);
});

test('SIGKILL of the harness leaves no broker, not even a paused one, and no folder', async () => {
  const program = `
    const { localProvider } = await import('${build}/cluster/local/provider.js');
    const host = { env: process.env, platform: process.platform, version: '0' };
    const plan = ${JSON.stringify({ scenario: scenarioWith({ brokers: 2 }), proxied: [] })};
    const context = { runFolder: '${folder}', runId: 'killed', progress() {}, onNode() {},
      signal: new AbortController().signal };
    const { nodes } = await localProvider(host).start(plan, context);
    await nodes.get(1).pause();
    const { writeFileSync } = await import('node:fs');
    writeFileSync('${folder}/up', nodes.get(1).dataDir);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const dataDir = await waitFor(
    'the cluster',
    () => existsSync(join(folder, 'up')) && readFileSync(join(folder, 'up'), 'utf8'),
    { timeoutMs: 120_000 },
  );
  const data = join(dataDir, '..');
  expect(processesNaming(data)).toHaveLength(2);
  child.kill('SIGKILL');
  await waitFor('the brokers to end', () => processesNaming(data).length === 0, {
    timeoutMs: 10_000,
  });
  await waitFor('the folder to go', () => !existsSync(data), { timeoutMs: 10_000 });
});

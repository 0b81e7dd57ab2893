/** Which provider `auto` becomes, with a pretended engine on a socket of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { chooseProvider } from '../../src/cluster/choose-provider.ts';
import { silent } from '../../src/lib/progress.ts';
import { hostWith, scenarioWith } from './scenarios.ts';

const auto = scenarioWith({ provider: 'auto' });
const pull = { progress: silent, signal: new AbortController().signal };
let folder = '';
let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  if (folder !== '') rmSync(folder, { recursive: true });
  server = undefined;
});

/** An engine that has these images and can pull none. */
async function engineWith(images: readonly string[]) {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  const socket = join(folder, 'engine.sock');
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.includes('/version')) return answer(200, { Version: '20.10.24', ApiVersion: '1.41' });
    if (url.includes('/images/create')) return answer(404, { message: 'no registry here' });
    const name = images.find((image) => url.includes(`/images/${image}/json`));
    return name === undefined ? answer(404, { message: 'none' }) : answer(200, { Id: name });
  });
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return hostWith({ DOCKER_HOST: `unix://${socket}` });
}

const official = ['apache/kafka:4.3.1', 'ghcr.io/shopify/toxiproxy:2.12.0'];

test('what a scenario names is taken without asking', async () => {
  for (const provider of ['local', 'docker', 'external'] as const) {
    const chosen = await chooseProvider(scenarioWith({ provider }), hostWith());
    expect(chosen).toEqual({ name: provider, why: null });
  }
});

test('without an engine, auto is local and says why', async () => {
  const host = hostWith({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  const { name, why } = await chooseProvider(auto, host, pull);
  expect(name).toBe('local');
  expect(why).toContain('/nowhere/docker.sock');
});

test('an engine that has the images makes it docker', async () => {
  expect(await chooseProvider(auto, await engineWith(official), pull)).toEqual({
    name: 'docker',
    why: 'Docker 20.10.24 answers',
  });
});

test('an engine that can neither show nor pull them leaves it local', async () => {
  const { name, why } = await chooseProvider(auto, await engineWith([]), pull);
  expect(name).toBe('local');
  expect(why).toContain('apache/kafka:4.3.1');
});

test('where nothing may be pulled, they are taken to be pullable', async () => {
  const { name, why } = await chooseProvider(auto, await engineWith(official.slice(0, 1)));
  expect(name).toBe('docker');
  expect(why).toContain('toxiproxy:2.12.0 will be pulled');
});

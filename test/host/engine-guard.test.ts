/** What an engine refuses, or does not answer, is one clear error with its words; what takes long by nature may. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitOf } from '../../src/cluster/docker/ending.ts';
import { findImage } from '../../src/cluster/docker/images.ts';
import { connectEngine, type Engine } from '../../src/host/engine.ts';
import { guarded } from '../../src/host/engine-guard.ts';

const WITHIN_MS = 200;
let folder: string;
let server: Server;
let engine: Engine;
let serve: RequestListener;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  server = createServer((request, response) => serve(request, response));
  const path = join(folder, 'engine.sock');
  await new Promise<void>((done) => server.listen(path, done));
  const endpoint = { url: `unix://${path}`, from: 'test', certificates: null };
  engine = guarded(connectEngine(endpoint), WITHIN_MS);
});
afterEach(async () => {
  await away();
  rmSync(folder, { recursive: true });
});

const away = async (): Promise<void> => {
  server.close();
  server.closeAllConnections();
};

const refusing =
  (status: number, message: string): RequestListener =>
  (_, response) => {
    response.statusCode = status;
    response.end(JSON.stringify({ message }));
  };

const container = (): ReturnType<Engine['getContainer']> => engine.getContainer('f'.repeat(64));

test.each([
  [500, 'Bind for 127.0.0.1:80 failed: port is already allocated', /run again/],
  [400, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs', /cluster\.cpus/],
  [500, 'something else', /ordeal doctor/],
])('a refusal with %i says what, and what to try: %s', async (status, words, hint) => {
  serve = refusing(status, words);
  await expect(container().start()).rejects.toMatchObject({
    kind: 'environment',
    code: 'docker.engine',
    message: `the Docker engine refused POST /containers/ffffffffffff/start: ${words}`,
    hint: expect.stringMatching(hint),
    statusCode: status,
    words,
  });
});

test('no engine is one that does not answer', async () => {
  await away();
  await expect(engine.listContainers()).rejects.toMatchObject({
    code: 'docker.engine',
    message: expect.stringMatching(/does not answer \(GET \/containers\/json: .*ENOENT/),
    hint: expect.stringContaining('ordeal clean'),
  });
});

test('an answer that never comes is not waited for', async () => {
  serve = () => {};
  await expect(container().inspect()).rejects.toMatchObject({
    code: 'docker.engine',
    message: expect.stringContaining(
      'did not answer GET /containers/ffffffffffff/json within 0.2 s',
    ),
  });
});

test('one that breaks off in the middle is no answer', async () => {
  serve = (_, response) => response.write('{', () => response.destroy());
  await expect(container().inspect()).rejects.toMatchObject({ code: 'docker.engine' });
});

test('the name of an image that no engine takes', async () => {
  serve = refusing(400, 'invalid reference format: repository name must be lowercase');
  await expect(findImage(engine, 'Mine/Kafka')).rejects.toMatchObject({
    code: 'docker.engine',
    hint: expect.stringContaining('lower case'),
  });
});

/** A container that runs for a while; waiting for its end breaks off `drops` times. */
function running(drops: number, state: object): RequestListener {
  return ({ url = '' }, response) => {
    if (!url.includes('/wait')) response.end(JSON.stringify({ State: state }));
    // An engine begins its answer at once.
    else if (drops-- > 0) response.write('{', () => response.destroy());
    else setTimeout(() => response.end(JSON.stringify({ StatusCode: 3 })), 2 * WITHIN_MS);
  };
}

test('a container is waited for as long as it runs, however often that breaks off', async () => {
  serve = running(2, { Running: true });
  expect(await exitOf(container())).toBe(3);
});

test('one that ended while nobody listened has the exit code that is remembered', async () => {
  serve = running(1, { Running: false, ExitCode: 7 });
  expect(await exitOf(container())).toBe(7);
});

test('one that somebody removed is as good as killed', async () => {
  serve = refusing(404, 'No such container');
  expect(await exitOf(container())).toBe(137);
});

test('of one whose engine is lost nobody knows', async () => {
  serve = (_, response) => void away().then(() => response.destroy());
  await expect(exitOf(container())).rejects.toMatchObject({ code: 'docker.engine' });
});

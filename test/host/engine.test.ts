/** Finding the Docker engine: where it is looked for, and what is said when there is none to use. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type ListenOptions,
  type Server,
} from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EngineAnswer, findEngine, openEngine } from '../../src/host/engine.ts';
import { engineEndpoints } from '../../src/host/engine-endpoint.ts';
import type { HostEnvironment } from '../../src/host/environment.ts';

let folder: string;
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections?.();
  }
  rmSync(folder, { recursive: true });
});

const host = (env: Record<string, string>): HostEnvironment => ({
  env: { HOME: folder, ...env },
  platform: process.platform,
  version: '0',
});

const versionOf =
  (version: object): RequestListener =>
  (request, response) => {
    response.statusCode = request.url === '/version' ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(version));
  };
const docker = { Version: '20.10.24', ApiVersion: '1.41' };

const listening = (server: Server, where: ListenOptions) =>
  new Promise<void>((resolve) => {
    server.once('listening', () => resolve());
    server.listen(where);
  });

/** An engine that says this of itself, on a socket. */
async function engineAt(path: string, version: object = docker): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer(versionOf(version));
  servers.push(server);
  await listening(server, { path });
  return `unix://${path}`;
}

const refusal = async (answer: Promise<EngineAnswer>) => {
  const said = await answer;
  if (said.running) throw new Error(`an engine answered at ${said.endpoint.url}`);
  return said;
};

function writeContext(name: string, url: string): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(folder, '.docker', 'contexts', 'meta', id);
  mkdirSync(meta, { recursive: true });
  writeFileSync(
    join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: url } } }),
  );
}

test('DOCKER_HOST names the engine, and nothing else is asked', async () => {
  const url = await engineAt(join(folder, 'mine.sock'));
  await engineAt(join(folder, '.docker/run/docker.sock'), { Version: 'other', ApiVersion: '1.50' });
  expect(await findEngine(host({ DOCKER_HOST: url, DOCKER_CONTEXT: 'colima' }))).toMatchObject({
    running: true,
    product: 'Docker',
    version: '20.10.24',
    apiVersion: '1.41',
    endpoint: { url, from: 'DOCKER_HOST', certificates: null },
  });
  const gone = `unix://${folder}/gone.sock`;
  expect(await refusal(findEngine(host({ DOCKER_HOST: gone })))).toMatchObject({
    code: 'engine.none',
    reason: expect.stringContaining(gone),
    hint: expect.stringContaining('--provider local'),
  });
});

test('an engine on a loopback port is found with or without tcp://', async () => {
  const server = createServer(versionOf(docker));
  servers.push(server);
  await listening(server, { port: 0, host: '127.0.0.1' });
  const { port } = server.address() as AddressInfo;
  for (const named of [`tcp://127.0.0.1:${port}`, `127.0.0.1:${port}`]) {
    expect(await findEngine(host({ DOCKER_HOST: named }))).toMatchObject({
      running: true,
      endpoint: { url: `tcp://127.0.0.1:${port}` },
    });
  }
});

test('the current context names it, and DOCKER_CONTEXT outranks the configuration', async () => {
  writeContext('colima', await engineAt(join(folder, 'colima.sock')));
  writeContext('work', await engineAt(join(folder, 'work.sock')));
  writeFileSync(join(folder, '.docker', 'config.json'), '{"currentContext":"colima"}');
  expect(await findEngine(host({}))).toMatchObject({
    running: true,
    endpoint: { from: 'context colima', url: `unix://${folder}/colima.sock` },
  });
  expect(await findEngine(host({ DOCKER_CONTEXT: 'work' }))).toMatchObject({
    running: true,
    endpoint: { from: 'context work' },
  });
  expect(await refusal(findEngine(host({ DOCKER_CONTEXT: 'play' })))).toMatchObject({
    code: 'engine.address',
    reason: 'there is no Docker context `play`',
  });
});

test('without a name, the usual sockets are asked: root, rootless, Podman', () => {
  const endpoints = engineEndpoints(host({ XDG_RUNTIME_DIR: '/run/user/1000' }));
  expect(endpoints.map(({ url }) => url)).toEqual([
    'unix:///var/run/docker.sock',
    'unix:///run/user/1000/docker.sock',
    `unix://${folder}/.docker/run/docker.sock`,
    'unix:///run/user/1000/podman/podman.sock',
    'unix:///run/podman/podman.sock',
  ]);
});

test('Podman is called by its name', async () => {
  const podman = { ...docker, Components: [{ Name: 'Podman Engine', Version: '4.3.1' }] };
  const url = await engineAt(join(folder, 'podman.sock'), podman);
  expect(await findEngine(host({ DOCKER_HOST: url }))).toMatchObject({ product: 'Podman' });
});

test('an engine that is too old is named with what is needed', async () => {
  const url = await engineAt(join(folder, 'old.sock'), { Version: '19.03.1', ApiVersion: '1.40' });
  expect(await refusal(findEngine(host({ DOCKER_HOST: url })))).toMatchObject({
    code: 'engine.old',
    reason: `the Docker engine at ${url} (19.03.1) speaks API 1.40; ordeal needs 1.41`,
  });
  const ancient = await engineAt(join(folder, 'ancient.sock'), { Version: '1', ApiVersion: '1.9' });
  expect(await refusal(findEngine(host({ DOCKER_HOST: ancient })))).toMatchObject({
    code: 'engine.old',
  });
});

test('something else that listens there is no engine', async () => {
  const url = await engineAt(join(folder, 'web.sock'), { hello: 'world' });
  expect(await refusal(findEngine(host({ DOCKER_HOST: url })))).toMatchObject({
    code: 'engine.none',
    reason: expect.stringContaining('not as a Docker engine does'),
  });
});

test('a socket that may not be used is told from one that is not there', async () => {
  const path = join(folder, 'private', 'docker.sock');
  const url = await engineAt(path);
  const found = withoutPermission(dirname(path), () => findEngine(host({ DOCKER_HOST: url })));
  expect(await refusal(found)).toMatchObject({
    code: 'engine.permission',
    reason: `no permission to use the Docker engine at ${url}`,
    hint: expect.stringContaining('usermod -aG docker'),
  });
});

/** Root is stopped by no permission bits, so it becomes nobody meanwhile. */
async function withoutPermission<T>(closed: string, work: () => Promise<T>): Promise<T> {
  chmodSync(closed, 0);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
    chmodSync(closed, 0o700);
  }
}

test('an engine that does not answer is given up within three seconds', async () => {
  const path = join(folder, 'silent.sock');
  const server = createTcpServer((socket) => socket.on('error', () => {}));
  servers.push(server);
  await listening(server, { path });
  const started = performance.now();
  expect(await refusal(findEngine(host({ DOCKER_HOST: `unix://${path}` })))).toMatchObject({
    code: 'engine.silent',
  });
  // The contract's limit, with room for a busy machine.
  expect(performance.now() - started).toBeLessThan(6000);
});

test('an engine elsewhere is refused before it is dialled', async () => {
  for (const url of ['ssh://me@build-host', 'tcp://192.0.2.7:2375']) {
    expect(await refusal(findEngine(host({ DOCKER_HOST: url })))).toMatchObject({
      code: 'engine.remote',
      reason: `the Docker engine at ${url} is on another machine`,
    });
  }
});

test.each(['unix://', 'carrier-pigeon://x'])('%s is no address', async (url) => {
  expect(await refusal(findEngine(host({ DOCKER_HOST: url })))).toMatchObject({
    code: 'engine.address',
    reason: `DOCKER_HOST is no address of a Docker engine: ${url}`,
  });
});

test('TLS without certificates says where they are looked for', async () => {
  const env = {
    DOCKER_HOST: 'tcp://127.0.0.1:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: folder,
  };
  expect(await refusal(findEngine(host(env)))).toMatchObject({
    code: 'engine.address',
    hint: expect.stringContaining(folder),
  });
});

test('opening is finding, or a typed error', async () => {
  const url = await engineAt(join(folder, 'mine.sock'));
  expect((await openEngine(host({ DOCKER_HOST: url }))).engine).toBeDefined();
  await expect(openEngine(host({ DOCKER_HOST: `${url}.gone` }))).rejects.toMatchObject({
    name: 'OrdealError',
    kind: 'environment',
    code: 'engine.none',
  });
});

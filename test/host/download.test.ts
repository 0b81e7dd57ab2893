/** Downloads against a server that stops, lies and is not there. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureFiles } from '../../src/host/download.ts';
import { fetchFile, type RemoteFile } from '../../src/host/fetch-file.ts';
import type { ProgressEvent } from '../../src/lib/progress.ts';

const content = Buffer.from('a jar, or what passes for one. '.repeat(1000));
let folder: string;
let server: Server;
let requests: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const whole = (request: IncomingMessage, response: ServerResponse): void => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200).end(content.subarray(from));
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  requests = [];
  answer = whole;
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const file = (name = 'a.jar'): RemoteFile => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}/${name}`,
    path: join(folder, name),
    digest: { algorithm: 'sha512', hex: createHash('sha512').update(content).digest('hex') },
    size: content.length,
  };
};

const signal = new AbortController().signal;
const fetching = (one: RemoteFile) => fetchFile(one, { signal, onBytes: () => {} });

describe('one file', () => {
  test('goes on where an interrupted transfer ended', async () => {
    writeFileSync(`${file().path}.part`, content.subarray(0, 1000));
    await fetching(file());
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-']);
    expect(readFileSync(file().path)).toEqual(content);
    expect(existsSync(`${file().path}.part`)).toBe(false);
  });

  test('is tried again after a broken connection, from where it broke', async () => {
    answer = (request, response) => {
      if (requests.length > 1) return whole(request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 500), () => response.destroy());
    };
    await fetching(file());
    expect(requests.length).toBe(2);
    expect(readFileSync(file().path)).toEqual(content);
  });

  test('is started over when the part that was there is damaged', async () => {
    writeFileSync(`${file().path}.part`, Buffer.alloc(1000, 'x'));
    await fetching(file());
    expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
    expect(readFileSync(file().path)).toEqual(content);
  });

  test('is one clear error when the source has another file, and nothing is put in place', async () => {
    answer = (_, response) => response.end(Buffer.alloc(content.length, 'x'));
    await expect(fetching(file())).rejects.toMatchObject({
      code: 'download.corrupt',
      kind: 'environment',
    });
    expect(existsSync(file().path)).toBe(false);
  });

  test('is not asked for twice when it is not there', async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(fetching(file())).rejects.toMatchObject({
      code: 'download.failed',
      message: expect.stringContaining('404'),
    });
    expect(requests.length).toBe(1);
  });

  test('is one clear error without a network', async () => {
    const one = { ...file(), url: 'http://127.0.0.1:1/a.jar' };
    await expect(fetchFile(one, { signal, onBytes: () => {}, attempts: 2 })).rejects.toMatchObject({
      code: 'download.failed',
      hint: expect.any(String),
    });
  });
});

describe('many files', () => {
  const names = ['a.jar', 'b.jar', 'c.jar'];
  const ensure = (events: ProgressEvent[] = []) =>
    ensureFiles(names.map(file), {
      task: 'jars',
      lockFile: join(folder, 'lock'),
      progress: (event) => events.push(event),
      signal,
    });

  test('are fetched once, with progress to the last byte', async () => {
    const events: ProgressEvent[] = [];
    await ensure(events);
    expect(events.at(0)).toMatchObject({ state: 'started', total: 3 * content.length });
    expect(events.at(-1)).toMatchObject({ state: 'done', done: 3 * content.length });
    await ensure(events);
    expect(requests.length).toBe(3);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  test('a damaged one is noticed and fetched again, alone', async () => {
    await ensure();
    const damaged = Buffer.from(content);
    damaged[100] = 0;
    writeFileSync(file('b.jar').path, damaged);
    await ensure();
    expect(requests.map(({ url }) => url).slice(3)).toEqual(['/b.jar']);
    expect(readFileSync(file('b.jar').path)).toEqual(content);
  });

  test('the first failure is thrown and told', async () => {
    const events: ProgressEvent[] = [];
    answer = (request, response) =>
      request.url === '/b.jar' ? response.writeHead(404).end() : whole(request, response);
    await expect(ensure(events)).rejects.toMatchObject({ code: 'download.failed' });
    expect(events.at(-1)).toMatchObject({ state: 'failed' });
  });

  test('two at once fetch each file once', async () => {
    await Promise.all([ensure(), ensure()]);
    expect(requests.length).toBe(3);
  });

  test('a cache that cannot be written is one clear error', async () => {
    writeFileSync(join(folder, 'blocked'), '');
    const blocked = { ...file(), path: join(folder, 'blocked', 'a.jar') };
    await expect(fetching(blocked)).rejects.toMatchObject({ code: 'cache.unwritable' });
  });
});

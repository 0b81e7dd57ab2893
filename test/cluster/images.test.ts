/** Which images a run takes, and what is said when one cannot be had, against an engine that is not one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseImages, ensureImage, imagesFor } from '../../src/cluster/docker/images.ts';
import { connectEngine, type Engine } from '../../src/host/engine.ts';
import { guarded } from '../../src/host/engine-guard.ts';
import type { ProgressEvent } from '../../src/lib/progress.ts';
import { hostWith, scenarioWith } from './scenarios.ts';

const OFFICIAL = {
  kafka: 'apache/kafka:4.3.1',
  toxiproxy: 'ghcr.io/shopify/toxiproxy:2.12.0',
};
const BUILT = { kafka: 'ordeal/kafka:4.3.1', toxiproxy: 'ordeal/toxiproxy:2.12.0' };
const nothingNamed = { ORDEAL_KAFKA_IMAGE: undefined, ORDEAL_TOXIPROXY_IMAGE: undefined };

let folder: string;
let server: Server;
let engine: Engine;
/** What the engine has, and what it says to a pull. */
let present: Map<string, { Id: string; RepoDigests?: string[] }>;
let onPull: (reference: string, response: ServerResponse) => void;
let events: ProgressEvent[];
let stop: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
  present = new Map();
  events = [];
  stop = new AbortController();
  onPull = (_, response) => refuse(response, 500, 'no such host');
  server = createServer(serve);
  const path = join(folder, 'engine.sock');
  await new Promise<void>((done) => server.listen(path, done));
  engine = guarded(connectEngine({ url: `unix://${path}`, from: 'test', certificates: null }));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function serve({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const [, name] = /^\/images\/(.+)\/json/.exec(url) ?? [];
  if (name !== undefined) {
    const image = present.get(decodeURIComponent(name));
    if (image === undefined) refuse(response, 404, 'No such image');
    else response.end(JSON.stringify(image));
    return;
  }
  const query = new URL(url, 'http://engine').searchParams;
  onPull(`${query.get('fromImage')}:${query.get('tag')}`, response);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.end(JSON.stringify({ message }));
}

const has = (...references: readonly string[]): void => {
  for (const reference of references) present.set(reference, { Id: `sha256:${reference}` });
};
const pull = () => ({
  progress: (event: ProgressEvent) => events.push(event),
  signal: stop.signal,
});

test('the official images, unless only ours are there', async () => {
  const host = hostWith(nothingNamed);
  expect(await chooseImages(engine, scenarioWith(), host)).toEqual(OFFICIAL);
  has(BUILT.kafka);
  expect(await chooseImages(engine, scenarioWith(), host)).toEqual({
    ...OFFICIAL,
    kafka: BUILT.kafka,
  });
  has(BUILT.toxiproxy, OFFICIAL.kafka);
  expect(await chooseImages(engine, scenarioWith(), host)).toEqual({
    ...BUILT,
    kafka: OFFICIAL.kafka,
  });
});

test('the environment outranks what is there, and the scenario the environment', async () => {
  has(BUILT.kafka, BUILT.toxiproxy);
  const host = hostWith({ ORDEAL_KAFKA_IMAGE: 'site/kafka:1', ORDEAL_TOXIPROXY_IMAGE: 'site/t:1' });
  expect(await chooseImages(engine, scenarioWith(), host)).toEqual({
    kafka: 'site/kafka:1',
    toxiproxy: 'site/t:1',
  });
  const scenario = scenarioWith({ images: { kafka: 'mine/kafka:2' } });
  expect(await chooseImages(engine, scenario, host)).toEqual({
    kafka: 'mine/kafka:2',
    toxiproxy: 'site/t:1',
  });
});

test('what is missing is told, or pulled when it may be', async () => {
  has(OFFICIAL.kafka);
  const host = hostWith(nothingNamed);
  expect(await imagesFor(engine, scenarioWith(), host)).toEqual([OFFICIAL.toxiproxy]);
  onPull = (reference, response) => {
    has(reference);
    response.end('{"status":"Pulling"}\n');
  };
  expect(await imagesFor(engine, scenarioWith(), host, pull())).toEqual([]);
  expect(await imagesFor(engine, scenarioWith(), host)).toEqual([]);
});

test('an image that is there is not pulled, and its digest is known', async () => {
  present.set(OFFICIAL.kafka, { Id: 'sha256:1', RepoDigests: ['apache/kafka@sha256:abc'] });
  expect(await ensureImage(engine, OFFICIAL.kafka, pull())).toEqual({
    reference: OFFICIAL.kafka,
    id: 'sha256:1',
    digest: 'sha256:abc',
  });
  expect(events).toEqual([]);
});

test('a pull tells how far it is, over all layers', async () => {
  onPull = (reference, response) => {
    has(reference);
    for (const [id, current] of [
      ['a', 10],
      ['b', 5],
      ['a', 100],
    ] as const) {
      const progressDetail = { current, total: 100 };
      response.write(`${JSON.stringify({ id, status: 'Downloading', progressDetail })}\r\n`);
    }
    const unpacked = { id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 100 } };
    response.end(JSON.stringify(unpacked));
  };
  expect(await ensureImage(engine, OFFICIAL.kafka, pull())).toMatchObject({ digest: null });
  expect(events).toMatchObject([
    { task: `Image ${OFFICIAL.kafka}`, state: 'started' },
    { state: 'advanced', done: 10, total: 100, unit: 'bytes' },
    { state: 'advanced', done: 15, total: 200 },
    { state: 'advanced', done: 105, total: 200 },
    { state: 'done' },
  ]);
});

const unavailable = {
  name: 'OrdealError',
  kind: 'environment',
  code: 'image.unavailable',
  hint: expect.stringMatching(
    /ordeal image build --base IMAGE.*ORDEAL_KAFKA_IMAGE.*provider local/,
  ),
};

test('a pull that is refused, fails on the way, or brings nothing says what else to do', async () => {
  await expect(ensureImage(engine, OFFICIAL.kafka, pull())).rejects.toMatchObject({
    ...unavailable,
    message: `the image ${OFFICIAL.kafka} is not here and cannot be pulled: no such host`,
  });
  onPull = (_, response) => response.end('{"status":"Pulling"}\n{"error":"manifest unknown"}\n');
  await expect(ensureImage(engine, OFFICIAL.kafka, pull())).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringContaining('manifest unknown'),
  });
  onPull = (_, response) => response.end('{"status":"Done"}\n');
  await expect(ensureImage(engine, OFFICIAL.kafka, pull())).rejects.toMatchObject(unavailable);
  expect(events.filter(({ state }) => state === 'failed')).toHaveLength(3);
});

test('a pull ends when the run is interrupted', async () => {
  onPull = (_, response) => {
    response.write('{"status":"Pulling"}\n');
    stop.abort('SIGINT');
  };
  await expect(ensureImage(engine, OFFICIAL.kafka, pull())).rejects.toMatchObject({
    name: 'OrdealError',
    code: 'image.interrupted',
  });
});

/** Effects on a real Toxiproxy, in front of a server that answers as Kafka would: alone, together, and healed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/host/identity.ts';
import { freePorts } from '../../src/host/ports.ts';
import type { Reaper } from '../../src/host/reaper.ts';
import { ensureToxiproxy } from '../../src/host/toxiproxy.ts';
import type { Address } from '../../src/lib/address.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import type { OrdealError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import type { Link, LinkEffect, Links } from '../../src/links/links.ts';
import { startLinks } from '../../src/links/toxiproxy.ts';
import { hostWith } from '../cluster/scenarios.ts';

const link: Link = { from: 'clients', to: 1, listener: 'CLIENT' };
const other: Link = { from: 1, to: 2, listener: 'BROKER' };
const signal = new AbortController().signal;
const patient = { timeoutMs: 20_000 };
const latency = (delayMs: number, stream: 'request' | 'response' | 'both'): LinkEffect => ({
  kind: 'latency',
  delayMs,
  jitterMs: 0,
  stream,
});

let server: Server;
let links: Links;
let listen: Address;
let toxiproxyPid: number;
const failures: OrdealError[] = [];
const folder = mkdtempSync(join(tmpdir(), 'ordeal-test-'));
const reaper: Reaper = {
  watch: ({ pid }) => {
    toxiproxyPid = pid;
    return () => {};
  },
  watchFolder: () => () => {},
  watchEngine: () => () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** Answers every frame with its correlation id. */
const serve = (socket: Socket): void => {
  socket.on('error', () => {});
  socket.on('data', (request) => {
    const answer = Buffer.alloc(14);
    answer.writeInt32BE(10, 0);
    answer.writeInt32BE(request.readInt32BE(8), 4);
    socket.write(answer);
  });
};

beforeAll(async () => {
  const [upstream, first, second] = (await freePorts(3)) as [number, number, number];
  server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(upstream, '127.0.0.1', resolve));
  const program = await ensureToxiproxy(hostWith(), { progress: silent, signal });
  listen = { host: '127.0.0.1', port: first };
  const behind = { host: '127.0.0.1', port: upstream };
  links = await startLinks({
    routes: [
      { link, listen, upstream: behind },
      { link: other, listen: { host: '127.0.1.2', port: second }, upstream: behind },
    ],
    program,
    env: process.env,
    logFile: join(folder, 'toxiproxy.log'),
    reaper,
    signal,
    onFailure: (error) => failures.push(error),
  });
});

afterAll(async () => {
  expect(failures).toEqual([]);
  await links[Symbol.asyncDispose]();
  expect(startTimeOf(toxiproxyPid)).toBeUndefined();
  server.close();
  rmSync(folder, { recursive: true });
});

const probe = (one = link) => links.probe(one, 2000);
const whole = async (): Promise<void> => {
  for (const one of [link, other]) {
    const probed = await probe(one);
    expect(probed.state).toBe('answered');
    expect(probed.roundTripMs).toBeLessThan(150);
  }
};

describe('one effect', () => {
  test('latency delays its stream, and only its link', async () => {
    const heal = await links.apply([link], latency(200, 'both'));
    expect((await probe()).roundTripMs).toBeGreaterThanOrEqual(395);
    expect((await probe(other)).roundTripMs).toBeLessThan(150);
    await heal();
    await whole();
  });

  test('bandwidth slows what is larger than it lets through', async () => {
    // 14 bytes at 1000 bytes per second.
    const heal = await links.apply([link], {
      kind: 'bandwidth',
      bytesPerSecond: 1,
      stream: 'response',
    });
    expect((await probe()).roundTripMs).toBeGreaterThanOrEqual(13);
    await heal();
    await whole();
  });

  test.each<[LinkEffect, string]>([
    [{ kind: 'cut' }, 'refused'],
    [{ kind: 'reset' }, 'reset'],
    [{ kind: 'blackhole', stream: 'request' }, 'silent'],
    [{ kind: 'blackhole', stream: 'response' }, 'silent'],
  ])('%j is met as %s', async (effect, state) => {
    const heal = await links.apply([link, other], effect);
    expect(await links.probe(link, 500)).toMatchObject({ state, roundTripMs: null });
    expect(await links.probe(other, 500)).toMatchObject({ state, roundTripMs: null });
    await heal();
    await heal();
    await whole();
  });

  test('healing a blackhole closes the connections it swallowed', async () => {
    const socket = connect(listen);
    let closed = false;
    socket.on('error', () => {});
    socket.on('close', () => {
      closed = true;
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    const heal = await links.apply([link], { kind: 'blackhole', stream: 'both' });
    socket.write('into the void');
    expect(closed).toBe(false);
    await heal();
    await waitFor('the connection to close', () => closed, patient);
  });

  test('connections that were open before meet it too', async () => {
    const socket = connect(listen);
    await new Promise((resolve) => socket.once('connect', resolve));
    const heal = await links.apply([link], latency(200, 'request'));
    const asked = performance.now();
    socket.write(Buffer.alloc(14));
    await new Promise((resolve) => socket.once('data', resolve));
    expect(performance.now() - asked).toBeGreaterThanOrEqual(195);
    socket.destroy();
    await heal();
  });
});

describe('effects together', () => {
  test('add up, and heal independently in any order', async () => {
    const first = await links.apply([link], latency(100, 'request'));
    const second = await links.apply([link], latency(100, 'request'));
    expect((await probe()).roundTripMs).toBeGreaterThanOrEqual(195);
    await first();
    const one = await probe();
    expect(one.roundTripMs).toBeGreaterThanOrEqual(95);
    await second();
    await whole();
  });

  test('a link cut twice opens with the second heal', async () => {
    const [first, second] = await Promise.all([
      links.apply([link], { kind: 'cut' }),
      links.apply([link, other], { kind: 'cut' }),
    ]);
    await first();
    expect((await probe()).state).toBe('refused');
    await second();
    await whole();
  });

  test('a cut leaves the latency that was there', async () => {
    const slow = await links.apply([link], latency(200, 'response'));
    const cut = await links.apply([link], { kind: 'cut' });
    await cut();
    expect((await probe()).roundTripMs).toBeGreaterThanOrEqual(195);
    await slow();
    await whole();
  });

  test('healAll ends all of it, and the heals of each do nothing more', async () => {
    const heals = [
      await links.apply([link], { kind: 'cut' }),
      await links.apply([other], { kind: 'blackhole', stream: 'both' }),
      await links.apply([link, other], latency(300, 'both')),
    ];
    await links.healAll();
    await whole();
    for (const heal of heals) await heal();
    await whole();
  });
});

test('a link without a proxy is a defect', async () => {
  const none: Link = { from: 2, to: 1, listener: 'BROKER' };
  await expect(links.apply([none], { kind: 'cut' })).rejects.toThrow('no proxy');
});

test('a server that dies by itself is told, and one that was ended is not', async () => {
  process.kill(toxiproxyPid, 'SIGKILL');
  await waitFor('the word', () => failures.length > 0, patient);
  expect(failures.splice(0)).toMatchObject([
    { code: 'links.died', message: expect.stringContaining('SIGKILL'), hint: expect.anything() },
  ]);
});

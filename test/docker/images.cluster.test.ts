/** Our images keep what the official ones promise: the same variables, a fast restart, a clean end. */
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { buildImages } from '../../src/cluster/docker/build-images.ts';
import { builtImages, findImage } from '../../src/cluster/docker/images.ts';
import { runFilter, runLabels } from '../../src/host/engine-labels.ts';
import { removeLabelled } from '../../src/host/engine-sweep.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { silent } from '../../src/lib/progress.ts';
import { hostWith } from '../cluster/scenarios.ts';
import { dockerSkipped, runningEngine } from './engine.ts';

const KAFKA = '4.3.1';
const patient = { timeoutMs: 90_000, everyMs: 200 };
const UNFENCED = 'The broker has been unfenced';

/** One node that is its own controller, in the variables that apache/kafka reads. */
const SETTINGS = {
  CLUSTER_ID: 'b3JkZWFsLW9uLXRyaWFsLQ',
  KAFKA_NODE_ID: '1',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_LISTENERS: 'CLIENT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093',
  KAFKA_ADVERTISED_LISTENERS: 'CLIENT://127.0.0.1:9092',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_INTER_BROKER_LISTENER_NAME: 'CLIENT',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
  KAFKA_BROKER_SESSION_TIMEOUT_MS: '2000',
  KAFKA_LOG_DIRS: '/var/lib/kafka/data',
  KAFKA_HEAP_OPTS: '-Xmx256m -Xms256m',
  KAFKA_JVM_PERFORMANCE_OPTS: '-server -XX:+UseG1GC -XX:TieredStopAtLevel=1',
};

describe('our images', () => {
  if (dockerSkipped(test)) return;
  const { engine } = runningEngine();
  const run = `images-${process.pid}`;
  const labels = runLabels(run);
  afterEach(() => removeLabelled(engine, runFilter(run)));

  async function start(env: Record<string, string>, args: readonly string[] = []) {
    const container = await engine.createContainer({
      Image: builtImages(KAFKA).kafka,
      Labels: labels,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...(args.length === 0 ? {} : { Cmd: ['/etc/kafka/docker/run', ...args] }),
    });
    await container.start();
    const log = async (): Promise<string> =>
      textOf(await container.logs({ stdout: true, stderr: true, follow: false }));
    return { container, log };
  }

  type Container = Awaited<ReturnType<typeof start>>['container'];

  /** Without the 8 bytes of header that stand before each piece. */
  function textOf(logs: Buffer): string {
    const pieces: string[] = [];
    for (let at = 0; at + 8 <= logs.length; ) {
      const length = logs.readUInt32BE(at + 4);
      pieces.push(logs.toString('utf8', at + 8, at + 8 + length));
      at += 8 + length;
    }
    return pieces.join('');
  }

  async function shell(container: Container, script: string): Promise<string> {
    const exec = await container.exec({ Cmd: ['sh', '-c', script], AttachStdout: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    const text = new PassThrough();
    engine.modem.demuxStream(stream, text, text);
    stream.on('end', () => text.end());
    return (await text.toArray()).join('').trim();
  }

  const times = (log: string, words: string): number => log.split(words).length - 1;

  test('a broker starts, is killed, starts again without setting up, and ends in order', async () => {
    const { container, log } = await start(SETTINGS);
    await waitFor('a broker', async () => (await log()).includes(UNFENCED), patient);
    expect(await shell(container, 'cat /proc/1/comm')).toBe('java');
    expect(await shell(container, 'grep -c broker.jsa /proc/1/maps')).not.toBe('0');
    expect(await shell(container, 'tr "\\0" " " </proc/1/cmdline')).toContain(
      `${SETTINGS.KAFKA_HEAP_OPTS} ${SETTINGS.KAFKA_JVM_PERFORMANCE_OPTS}`,
    );
    await container.kill();
    await container.start();
    const again = async () => times(await log(), UNFENCED) === 2;
    await waitFor('the broker again', again, patient);
    expect(times(await log(), 'Setting up')).toBe(1);
    await container.stop({ t: 60 });
    expect((await container.inspect()).State.ExitCode).toBe(143);
    expect(await log()).toContain('shut down completed');
    // What the image declares has no label to find it by, and goes with its container.
    const { Mounts } = await container.inspect();
    expect(Mounts.length).toBeGreaterThanOrEqual(3);
    await removeLabelled(engine, runFilter(run));
    for (const { Name } of Mounts) {
      await expect(engine.getVolume(Name as string).inspect()).rejects.toMatchObject({
        statusCode: 404,
      });
    }
  });

  test('a new container takes a formatted disk as it is', async () => {
    const volume = `ordeal-${run}`;
    await engine.createVolume({ Name: volume, Labels: labels });
    for (const formatted of [false, true]) {
      const container = await engine.createContainer({
        Image: builtImages(KAFKA).kafka,
        Labels: labels,
        Env: Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`),
        HostConfig: { Binds: [`${volume}:/var/lib/kafka/data`] },
      });
      await container.start();
      const log = async () => textOf(await container.logs({ stdout: true, stderr: true }));
      await waitFor('a broker', async () => (await log()).includes(UNFENCED), patient);
      expect(times(await log(), 'Formatting')).toBe(formatted ? 0 : 1);
      await container.remove({ force: true, v: true });
    }
  });

  test('levels of logging, and settings as arguments, are honoured', async () => {
    const { log, container } = await start(
      { ...SETTINGS, KAFKA_LOG4J_ROOT_LOGLEVEL: 'ERROR', KAFKA_LOG4J_LOGGERS: 'kafka=ERROR' },
      ['KAFKA_NUM_NETWORK_THREADS=7'],
    );
    const open = 'grep -l ":2384 " /proc/net/tcp /proc/net/tcp6 2>/dev/null';
    await waitFor('the listener', async () => (await shell(container, open)) !== '', patient);
    expect(await log()).not.toContain(' INFO ');
    expect(await shell(container, 'cat /opt/kafka/config/server.properties')).toContain(
      'num.network.threads=7',
    );
  });

  test('settings that cannot be are said, and the container ends', async () => {
    const { container, log } = await start({ ...SETTINGS, KAFKA_PROCESS_ROLES: 'barista' });
    await waitFor('the end', async () => !(await container.inspect()).State.Running, patient);
    expect((await container.inspect()).State.ExitCode).toBe(1);
    expect(await log()).toContain('barista');
  });

  test('a base that cannot carry them is one clear error', async () => {
    const base = `ordeal-empty:${run}`;
    const before = await findImage(engine, builtImages(KAFKA).toxiproxy);
    const empty = Buffer.alloc(1024);
    const [repo, tag] = base.split(':') as [string, string];
    await (await engine.importImage(readable(empty), { repo, tag })).on('data', () => {});
    await waitFor('the base', async () => (await findImage(engine, base)) !== null, patient);
    try {
      const options = {
        base,
        kafka: KAFKA,
        progress: silent,
        signal: new AbortController().signal,
      };
      await expect(buildImages(engine, hostWith(), options)).rejects.toMatchObject({
        code: 'image.build',
        message: expect.stringContaining('ordeal/toxiproxy'),
        hint: expect.stringContaining('--base'),
      });
      expect(await findImage(engine, builtImages(KAFKA).toxiproxy)).toEqual(before);
    } finally {
      const { id } = (await findImage(engine, base)) ?? { id: '' };
      const steps = (await engine.listImages({ all: true })).filter(
        ({ ParentId }) => ParentId === id,
      );
      for (const { Id } of steps) await engine.getImage(Id).remove({ force: true });
      await engine.getImage(base).remove({ force: true });
    }
  });
});

function readable(bytes: Buffer): PassThrough {
  const stream = new PassThrough();
  stream.end(bytes);
  return stream;
}

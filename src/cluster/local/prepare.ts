/**
 * Done once per Kafka version and Java, and kept in the cache: formatting by Kafka's own StorageTool, whose
 * bootstrap checkpoint carries every feature's level, and a class-data archive that makes brokers start faster.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheError, ensureFolder } from '../../host/cache.ts';
import { childEnvironment, type HostEnvironment } from '../../host/environment.ts';
import type { Java } from '../../host/java.ts';
import { type KafkaJars, kafkaFolder } from '../../host/kafka-jars.ts';
import { freePorts } from '../../host/ports.ts';
import { withProcessLock } from '../../host/process-lock.ts';
import type { Reaper } from '../../host/reaper.ts';
import { environmentError, messageOf, OrdealError } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import { openAdmin } from '../../wire/admin.ts';
import { CLUSTER_ID, nodeConfig, type PlacedNode, propertiesText } from '../broker-config.ts';
import type { PlannedNode } from '../nodes.ts';
import { peerHosts, place, portsNeeded } from '../placement.ts';
import { kafkaArguments } from './jvm.ts';
import { LocalNode } from './local-node.ts';
import { LOOPBACK, writeNodeFiles } from './node-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type Prepared = {
  /** To be copied into each node's data folder. */
  readonly checkpoint: string;
  /** Null when this Java made none. */
  readonly archive: string | null;
};

export type PrepareOptions = {
  readonly host: HostEnvironment;
  readonly java: Java;
  readonly jars: KafkaJars;
  readonly reaper: Reaper;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

const FORMAT_TIMEOUT_MS = 120_000;
const ARCHIVE_TIMEOUT_MS = 60_000;
const HEAP_BYTES = 512 * 2 ** 20;
const ALONE: PlannedNode = { id: 1, roles: ['broker', 'controller'] };

/** Makes what is not there yet; one process at a time. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { host, jars, progress, signal } = options;
  const folder = await ensureFolder(kafkaFolder(host, jars.version));
  const checkpoint = join(folder, 'bootstrap.checkpoint');
  const archive = join(folder, `classes-${archiveKey(options)}.jsa`);
  if (!existsSync(checkpoint) || !existsSync(archive)) {
    const task = `Kafka ${jars.version} on this Java, once`;
    await withProcessLock(join(folder, 'prepare.lock'), { signal }, async () => {
      progress({ task, state: 'started' });
      if (!existsSync(checkpoint)) await format(checkpoint, options);
      if (!existsSync(archive)) await train(archive, checkpoint, options);
      progress({ task, state: 'done' });
    });
  }
  return { checkpoint, archive: existsSync(archive) ? archive : null };
}

/** An archive fits one build of Java and one class path. */
const archiveKey = ({ java, jars }: PrepareOptions): string =>
  createHash('sha256')
    .update([java.path, java.build, ...jars.classpath].join('\n'))
    .digest('hex')
    .slice(0, 12);

/** One broker that is also its controller, in a folder of its own. */
async function alone(folder: string): Promise<PlacedNode> {
  const ports = await freePorts(portsNeeded([ALONE], []));
  const [node] = place([ALONE], [], ports, () => ({
    host: LOOPBACK,
    dataDir: join(folder, 'broker-1'),
  }));
  return node as PlacedNode;
}

const settingsAlone = (node: PlacedNode): ReturnType<typeof nodeConfig> =>
  nodeConfig({ brokers: 1, config: {} }, node, [node]);

async function format(checkpoint: string, options: PrepareOptions): Promise<void> {
  await using folder = await temporaryFolder(options.reaper);
  const node = await alone(folder.path);
  const properties = join(folder.path, 'format.properties');
  await writeFile(properties, propertiesText(settingsAlone(node)));
  const tool = ['-cp', options.jars.classpath.join(':'), 'kafka.tools.StorageTool'];
  try {
    await promisify(execFile)(
      options.java.path,
      [...tool, 'format', '--cluster-id', CLUSTER_ID, '--config', properties],
      {
        env: { ...childEnvironment(options.host) },
        signal: options.signal,
        timeout: FORMAT_TIMEOUT_MS,
      },
    );
  } catch (cause) {
    options.signal.throwIfAborted();
    throw environmentError('kafka.format', `Kafka's StorageTool failed: ${messageOf(cause)}`, {
      cause,
    });
  }
  await keep(join(node.dataDir, 'bootstrap.checkpoint'), checkpoint);
}

/** Starts one broker, lets it do what brokers do first, and keeps the classes that it loaded. */
async function train(archive: string, checkpoint: string, options: PrepareOptions): Promise<void> {
  await using folder = await temporaryFolder(options.reaper);
  const placed = await alone(folder.path);
  const hosts = peerHosts(placed, [placed], []);
  const files = await writeNodeFiles(placed, settingsAlone(placed), hosts, checkpoint);
  const made = join(folder.path, 'classes.jsa');
  const node = new LocalNode({
    ...placed,
    name: 'the first broker',
    command: options.java.path,
    args: kafkaArguments(
      { ...options, heapBytes: HEAP_BYTES, jvm: 'quick', files, archive: { make: made } },
      files.properties,
    ),
    env: childEnvironment(options.host),
    logFile: join(folder.path, 'broker-1.log'),
    reaper: options.reaper,
    onNode: () => {},
  });
  try {
    await node.start(options.signal);
    await exercise(placed);
    await node.stop(ARCHIVE_TIMEOUT_MS);
  } finally {
    await node.kill();
  }
  // Without one, brokers start as they always did, only slower.
  if (existsSync(made)) await keep(made, archive);
}

async function exercise({ ports }: PlacedNode): Promise<void> {
  const admin = await openAdmin({
    bootstrap: [{ host: '127.0.0.1', port: ports.HARNESS as number }],
    connection: {},
    clientId: 'ordeal-prepare',
  });
  try {
    await admin.findCoordinator('group', 'ordeal');
  } catch (error) {
    // Only classes are wanted here; whether coordinators work is asked of the real cluster.
    if (!(error instanceof OrdealError)) throw error;
  } finally {
    admin.close();
  }
}

/** Copied, then renamed, since the temporary folder may be on another disk. */
async function keep(from: string, to: string): Promise<void> {
  const draft = `${to}.draft`;
  try {
    await ensureFolder(dirname(to));
    await copyFile(from, draft);
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { force: true });
    throw cacheError(to, error);
  }
}

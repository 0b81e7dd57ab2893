/** `ordeal doctor`: what works on this machine, and how to get the rest. Nothing is installed or downloaded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { CommandModule } from 'yargs';
import { allKept } from '../cluster/kept/state.ts';
import type { Engine } from '../host/engine.ts';
import { cacheFolder, type HostEnvironment } from '../host/environment.ts';
import { findInPath } from '../host/executable.ts';
import { findJava } from '../host/java.ts';
import { kafkaFolder, knownKafkaVersions } from '../host/kafka-jars.ts';
import { findLeftovers } from '../host/leftovers.ts';
import { machineFacts } from '../host/machine.ts';
import { freePorts } from '../host/ports.ts';
import { TOXIPROXY_VERSION } from '../host/toxiproxy.ts';
import { messageOf, OrdealError } from '../lib/errors.ts';
import { capabilityLines } from './capability-lines.ts';
import { EXIT } from './exit-codes.ts';
import { hostEnvironment } from './host.ts';
import { keptNote } from './kept-lines.ts';
import { print } from './output.ts';

/** `missing` keeps a local run from working; `note` does not. */
type Finding = {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly words: string;
  readonly hint?: string | undefined;
};

const DISK_NEEDED_GIB = 5;

export const doctor: CommandModule = {
  command: 'doctor',
  describe: 'Say what works on this machine, and how to get the rest',
  handler: async () => {
    const host = hostEnvironment();
    const findings = [
      node(),
      await java(host),
      ...knownKafkaVersions().map((version) => kafka(host, version)),
      await toxiproxy(host),
      ...(await docker(host)),
      cores(),
      disk(),
      await ports(),
      leftovers(host),
      ...kept(host),
    ];
    for (const finding of findings) print(format(finding));
    print('What each provider can do to a cluster:');
    for (const line of capabilityLines()) print(line);
    const missing = findings.some(({ state }) => state === 'missing');
    print(missing ? 'A local run will not work yet.' : 'A local run will work.');
    process.exitCode = missing ? EXIT.unknown : EXIT.pass;
  },
};

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? { name: 'Node', state: 'ok', words: process.version }
    : {
        name: 'Node',
        state: 'missing',
        words: process.version,
        hint: 'ordeal needs Node 20.19 or newer',
      };
}

async function java(host: HostEnvironment): Promise<Finding> {
  try {
    const { version, path } = await findJava(host);
    return { name: 'Java', state: 'ok', words: `${version}, ${path}` };
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return { name: 'Java', state: 'missing', words: error.message, hint: error.hint };
  }
}

const kafka = (host: HostEnvironment, version: string): Finding =>
  existsSync(join(kafkaFolder(host, version), 'jars'))
    ? { name: `Kafka ${version}`, state: 'ok', words: kafkaFolder(host, version) }
    : {
        name: `Kafka ${version}`,
        state: 'note',
        words: 'not fetched yet',
        hint: 'the first run fetches 54 MB from Maven Central, or from ORDEAL_MAVEN_REPOSITORY',
      };

async function toxiproxy(host: HostEnvironment): Promise<Finding> {
  const name = `Toxiproxy ${TOXIPROXY_VERSION}`;
  const cached = join(cacheFolder(host), 'toxiproxy', TOXIPROXY_VERSION, 'toxiproxy-server');
  const path =
    (await findInPath('toxiproxy-server', host)) ?? (existsSync(cached) ? cached : undefined);
  return path === undefined
    ? {
        name,
        state: 'note',
        words: 'not here yet',
        hint: 'only network faults need it; the first of them fetches its release or builds it with Go',
      }
    : { name, state: 'ok', words: path };
}

async function docker(host: HostEnvironment): Promise<readonly Finding[]> {
  const { findEngine } = await import('../host/engine.ts');
  const answer = await findEngine(host);
  if (!answer.running) {
    return [{ name: 'Docker', state: 'note', words: answer.reason, hint: answer.hint }];
  }
  const { product, version, apiVersion, endpoint, engine } = answer;
  const words = `${product} ${version}, API ${apiVersion}, ${endpoint.url}`;
  const kafka = knownKafkaVersions().at(-1) as string;
  return [
    { name: 'Docker', state: 'ok', words },
    await images(engine, kafka, host),
    await orphans(engine),
  ];
}

async function images(engine: Engine, kafka: string, host: HostEnvironment): Promise<Finding> {
  const { chooseImages, imagesFor } = await import('../cluster/docker/images.ts');
  const wanted = { cluster: { kafka } };
  const missing = await imagesFor(engine, wanted, host);
  const name = 'Images';
  if (missing.length === 0) {
    const chosen = await chooseImages(engine, wanted, host);
    return { name, state: 'ok', words: Object.values(chosen).join(', ') };
  }
  return {
    name,
    state: 'note',
    words: `${missing.join(' and ')} not here yet`,
    hint: 'the first run on docker pulls them; without a registry: ordeal image build --base IMAGE',
  };
}

async function orphans(engine: Engine): Promise<Finding> {
  const { findOrphans } = await import('../host/orphans.ts');
  const count = (await findOrphans(engine)).length;
  const name = 'Containers';
  return count === 0
    ? { name, state: 'ok', words: 'none left behind' }
    : { name, state: 'note', words: `left behind by ${count} runs`, hint: 'ordeal clean' };
}

function cores(): Finding {
  const { cores: count, memoryBytes } = machineFacts();
  const words = `${count} cores, ${gib(memoryBytes)} GiB of memory`;
  return count < 2
    ? {
        name: 'Machine',
        state: 'note',
        words,
        hint: 'one core: brokers and load will disturb each other',
      }
    : { name: 'Machine', state: 'ok', words };
}

function disk(): Finding {
  const { freeDiskBytes } = machineFacts();
  const words = `${gib(freeDiskBytes)} GiB free for the brokers' logs`;
  return freeDiskBytes < DISK_NEEDED_GIB * 2 ** 30
    ? {
        name: 'Disk',
        state: 'note',
        words,
        hint: 'long runs may fill it; free space or set TMPDIR',
      }
    : { name: 'Disk', state: 'ok', words };
}

async function ports(): Promise<Finding> {
  try {
    const found = await freePorts(16);
    return { name: 'Ports', state: 'ok', words: `loopback has free ones, such as ${found[0]}` };
  } catch (error) {
    return { name: 'Ports', state: 'missing', words: messageOf(error) };
  }
}

function leftovers(host: HostEnvironment): Finding {
  const count = findLeftovers(host).length;
  return count === 0
    ? { name: 'Leftovers', state: 'ok', words: 'none' }
    : { name: 'Leftovers', state: 'note', words: `of ${count} runs`, hint: 'ordeal clean' };
}

function kept(host: HostEnvironment): readonly Finding[] {
  const living = keptNote(allKept(host));
  if (living === undefined) return [];
  return [{ name: 'Kept clusters', state: 'note', words: living, hint: 'ordeal cluster ls' }];
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);

const MARKS = {
  ok: ['green', 'ok     '],
  note: ['yellow', 'note   '],
  missing: ['red', 'missing'],
} as const;

function format({ name, state, words, hint }: Finding): string {
  const [colour, mark] = MARKS[state];
  const line = `${styleText(colour, mark)} ${name.padEnd(16)} ${words}`;
  return hint === undefined ? line : `${line}\n        ${' '.repeat(16)} ${hint}`;
}

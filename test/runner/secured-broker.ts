/**
 * One real broker that ordeal did not start, as another team would run it: TLS with certificates made on the spot,
 * logins by PLAIN and SCRAM, client certificates.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLUSTER_ID, propertiesText } from '../../src/cluster/broker-config.ts';
import { kafkaArguments, LOG4J_PROPERTIES } from '../../src/cluster/local/jvm.ts';
import { findJava, type Java } from '../../src/host/java.ts';
import { ensureKafkaJars, type KafkaJars } from '../../src/host/kafka-jars.ts';
import { freePorts } from '../../src/host/ports.ts';
import { waitFor } from '../../src/lib/deadline.ts';
import { silent } from '../../src/lib/progress.ts';
import { hostWith } from '../cluster/scenarios.ts';

const run = promisify(execFile);

export const USER = 'al';
/** Characters that mean something to Base64, JavaScript's replacements and our own `${VAR}`. */
export const PASSWORD = 'sEcr3t+of/al$&{}';
export const KEY_PASSWORD = 'opens-the-k3y';

/**
 * SASL: a login over TLS. TLS: no login. MUTUAL: a client certificate. ELSEWHERE: named as another host. INTERNAL:
 * plaintext.
 */
const LISTENERS = ['SASL', 'TLS', 'MUTUAL', 'ELSEWHERE', 'INTERNAL'] as const;

export type SecuredBroker = AsyncDisposable & {
  /** `HOST:PORT` of each listener. */
  readonly at: Readonly<Record<(typeof LISTENERS)[number], string>>;
  readonly certificates: Certificates;
};

type Certificates = Awaited<ReturnType<typeof makeCertificates>>;

const openssl = (args: readonly string[]) => run('openssl', args);

/** PEM files: an authority, what it signed, and an authority that nobody here trusts. */
async function makeCertificates(folder: string) {
  const file = (name: string): string => join(folder, name);
  const authority = async (name: string): Promise<string> => {
    const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-subj', `/CN=${name}`];
    await openssl([...request(name), ...ca]);
    return file(`${name}.pem`);
  };
  const request = (name: string): readonly string[] => [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
  ];
  const signed = async (name: string, san: string): Promise<string> => {
    const by = ['-CA', file('authority.pem'), '-CAkey', file('authority.key')];
    await openssl([...request(name), ...by, '-subj', `/CN=${name}`, '-addext', san]);
    const both = file(`${name}-both.pem`);
    writeFileSync(
      both,
      readFileSync(file(`${name}.key`), 'utf8') + readFileSync(file(`${name}.pem`), 'utf8'),
    );
    return both;
  };
  const trusted = await authority('authority');
  const stranger = await authority('stranger');
  const broker = await signed('broker', 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  const elsewhere = await signed('elsewhere', 'subjectAltName=DNS:kafka.example');
  const client = await signed('client', 'subjectAltName=DNS:client');
  const locked = file('client-locked.key');
  await openssl([
    ...['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${KEY_PASSWORD}`],
    ...['-in', file('client.key'), '-out', locked],
  ]);
  const store = file('authority.p12');
  await openssl([
    ...['pkcs12', '-export', '-nokeys', '-passout', 'pass:changeit'],
    ...['-in', trusted, '-out', store],
  ]);
  return {
    trusted,
    stranger,
    broker,
    elsewhere,
    /** Not PEM. */
    store,
    client: { both: client, chain: file('client.pem'), key: file('client.key'), locked },
  };
}

const login = (module: string, options = ''): string =>
  `org.apache.kafka.common.security.${module} required${options};`;

function settings(folder: string, ports: readonly number[], certificates: Certificates) {
  const names = [...LISTENERS, 'CONTROLLER'];
  const addresses = names.map((name, i) => `${name}://127.0.0.1:${ports[i]}`);
  const pem = (path: string) => ({ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': path });
  const sasl = {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'plain.sasl.jaas.config': login('plain.PlainLoginModule', ` user_${USER}="${PASSWORD}"`),
    'scram-sha-256.sasl.jaas.config': login('scram.ScramLoginModule'),
    'scram-sha-512.sasl.jaas.config': login('scram.ScramLoginModule'),
  };
  const of = (listener: string, config: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [`listener.name.${listener}.${key}`, value]),
    );
  return {
    'node.id': '1',
    'process.roles': 'broker,controller',
    listeners: addresses.join(','),
    'advertised.listeners': addresses.join(','),
    'listener.security.protocol.map':
      'SASL:SASL_SSL,TLS:SSL,MUTUAL:SSL,ELSEWHERE:SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@127.0.0.1:${ports.at(-1)}`,
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'group.initial.rebalance.delay.ms': '0',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.trusted,
    ...pem(certificates.broker),
    ...of('sasl', sasl),
    ...of('mutual', { 'ssl.client.auth': 'required' }),
    ...of('elsewhere', pem(certificates.elsewhere)),
  };
}

async function format(java: Java, jars: KafkaJars, properties: string): Promise<void> {
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name="${USER}",password="${PASSWORD}"]`,
  ]);
  await run(java.path, [
    ...['-cp', jars.classpath.join(':'), 'kafka.tools.StorageTool', 'format'],
    ...['--cluster-id', CLUSTER_ID, '--config', properties, ...scram],
  ]);
}

/** Its files, and its log with them, go below `folder`, which should be new. */
export async function startSecuredBroker(folder: string): Promise<SecuredBroker> {
  mkdirSync(folder, { recursive: true });
  const host = hostWith();
  const java = await findJava(host);
  const { signal } = new AbortController();
  const jars = await ensureKafkaJars(host, '4.3.1', { progress: silent, signal });
  const certificates = await makeCertificates(folder);
  const ports = await freePorts(LISTENERS.length + 1);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const properties = file(
    'broker.properties',
    propertiesText(settings(folder, ports, certificates)),
  );
  await format(java, jars, properties);
  const files = {
    hosts: file('hosts', `127.0.0.1 localhost ${hostname()}\n`),
    log4j: file('log4j2.properties', LOG4J_PROPERTIES),
  };
  const jvm = { heapBytes: 256 * 2 ** 20, jvm: 'quick', archive: null } as const;
  const logFile = join(folder, 'broker.log');
  const log = openSync(logFile, 'w');
  const child = spawn(java.path, kafkaArguments({ java, jars, files, ...jvm }, properties), {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const started = (): boolean => {
    const said = readFileSync(logFile, 'utf8');
    if (child.exitCode !== null) throw new Error(`the broker ended: ${said.slice(-2000)}`);
    return said.includes('Kafka Server started');
  };
  try {
    await waitFor('the broker to start', started, { timeoutMs: 120_000, everyMs: 200 });
  } catch (error) {
    await stop();
    throw error;
  }
  const at = Object.fromEntries(LISTENERS.map((name, i) => [name, `127.0.0.1:${ports[i]}`]));
  return { at: at as SecuredBroker['at'], certificates, [Symbol.asyncDispose]: stop };
}

/**
 * A cluster that ordeal did not start, behind TLS and logins: kafkajs and our own client reach it, what goes wrong
 * is told once and clearly, and no secret is ever written down.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { type Ended, ordeal, ROOT, resultOf, scratch } from '../cli/ordeal.ts';
import {
  KEY_PASSWORD,
  PASSWORD,
  type SecuredBroker,
  startSecuredBroker,
  USER,
} from './secured-broker.ts';

const folder = scratch();
const SCENARIO = join(ROOT, 'test/scenarios/secured.yaml');
let broker: SecuredBroker;
let runs = 0;

beforeAll(async () => {
  broker = await startSecuredBroker(join(folder, 'broker'));
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

type Env = Readonly<Record<string, string>>;
type Trial = Ended & { readonly out: string };

async function run(env: Env, scenario = SCENARIO): Promise<Trial> {
  const out = join(folder, `run-${++runs}`);
  const ended = await ordeal(['run', scenario, '--out', out], { env });
  expect(leaks(ended, out)).toEqual([]);
  return { ...ended, out };
}

/** As the scenario file says it. */
const variable = (name: string): string => `\${${name}}`;

const login = (mechanism: string, changes: Env = {}): Env => ({
  KAFKA_BOOTSTRAP: broker.at.SASL,
  KAFKA_MECHANISM: mechanism,
  KAFKA_USER: USER,
  KAFKA_PASSWORD: PASSWORD,
  KAFKA_CA: broker.certificates.trusted,
  ...changes,
});

/** The scenario with another way to connect. */
function connecting(connection: Env): string {
  const document = parseDocument(readFileSync(SCENARIO, 'utf8'));
  document.setIn(['cluster', 'connection'], connection);
  const path = join(folder, `secured-${++runs}.yaml`);
  writeFileSync(path, document.toString());
  return path;
}

function secrets(): readonly string[] {
  const key = readFileSync(broker.certificates.client.key, 'utf8').split('\n')[1] as string;
  const plain = [PASSWORD, `\0${USER}\0${PASSWORD}`, KEY_PASSWORD];
  const encoded = plain.map((text) => Buffer.from(text).toString('base64'));
  return [...plain, ...encoded, key];
}

/** Where a secret stands in what was printed, or in any file of the run folder. */
function leaks({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>, out: string): string[] {
  const holds = (bytes: Buffer): boolean => secrets().some((secret) => bytes.includes(secret));
  const names = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return [
    ...[stdout, stderr].filter((text) => holds(Buffer.from(text))),
    ...names.filter((name) => holds(readFileSync(name))),
  ];
}

function expectDelivered({ code, stderr, out }: Trial): void {
  expect(code, stderr).toBe(0);
  const { delivery } = resultOf(out);
  expect(delivery).toMatchObject({ lost: 0, acknowledged: 400, read: 400, anomalies: [] });
  expect(delivery.groups['billing']).toMatchObject({ skipped: 0, lagAtEnd: 0 });
}

/** One message that says what is wrong, and what to look at. */
function expectRefused({ code, stderr }: Ended, ...words: readonly (string | RegExp)[]): void {
  expect(code, stderr).toBe(3);
  expect(stderr.match(/^error:/gm), stderr).toHaveLength(1);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).toContain('hint:');
  expect(stderr).not.toMatch(/^ {4}at /m);
}

const TRUSTING = {
  'security.protocol': 'SSL',
  'ssl.truststore.location': variable('KAFKA_CA'),
};

describe('records go through and come back', () => {
  test.each(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'])('SASL_SSL with %s', async (mechanism) => {
    expectDelivered(await run(login(mechanism)));
  });

  test.each(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'])(
    'SASL_SSL with %s, by the native client',
    async (mechanism) => {
      expectDelivered(await run(login(mechanism, { KAFKA_CLIENT: 'native' })));
    },
  );

  test('SASL_SSL with a JAAS line, and the host by its name', async () => {
    const scenario = connecting({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="${variable('KAFKA_USER')}" password="${variable('KAFKA_PASSWORD')}";`,
      'ssl.ca.location': variable('KAFKA_CA'),
    });
    const env = login('', { KAFKA_BOOTSTRAP: broker.at.SASL.replace('127.0.0.1', 'localhost') });
    expectDelivered(await run(env, scenario));
  });

  test('SSL', async () => {
    expectDelivered(await run(login('', { KAFKA_BOOTSTRAP: broker.at.TLS }), connecting(TRUSTING)));
  });

  test.each(['kafkajs', 'native'])('SSL with a locked client key, by %s', async (client) => {
    const { chain, locked } = broker.certificates.client;
    const scenario = connecting({
      ...TRUSTING,
      'ssl.certificate.location': chain,
      'ssl.key.location': locked,
      'ssl.key.password': variable('KEY_PASSWORD'),
    });
    const at = { KAFKA_BOOTSTRAP: broker.at.MUTUAL, KEY_PASSWORD, KAFKA_CLIENT: client };
    expectDelivered(await run(login('', at), scenario));
  });

  test('SSL with a client certificate out of the environment', async () => {
    const { chain, key } = broker.certificates.client;
    const scenario = connecting({
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': variable('KAFKA_CA'),
      'ssl.keystore.certificate.chain': variable('CHAIN'),
      'ssl.keystore.key': variable('KEY'),
    });
    const env = {
      KAFKA_BOOTSTRAP: broker.at.MUTUAL,
      KAFKA_CA: readFileSync(broker.certificates.trusted, 'utf8'),
      CHAIN: readFileSync(chain, 'utf8'),
      KEY: readFileSync(key, 'utf8'),
    };
    expectDelivered(await run(env, scenario));
  });
});

test('a run is judged again without its variables, and the same', async () => {
  const { code, out, stderr } = await run(login('SCRAM-SHA-512'));
  expect(code, stderr).toBe(0);
  const again = await ordeal(['report', out, '--json']);
  expect(again.code, again.stderr).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual(resultOf(out));
  expect(leaks(again, out)).toEqual([]);
  const resolved = readFileSync(join(out, 'scenario.resolved.yaml'), 'utf8');
  expect(resolved).toContain(`sasl.password: ${variable('KAFKA_PASSWORD')}`);
  // The search itself finds what it is for.
  const planted = join(out, 'logs', 'planted.log');
  writeFileSync(planted, `password is ${PASSWORD}`);
  expect(leaks(again, out)).toEqual([planted]);
});

describe('what is wrong with a login', () => {
  test.each(['SCRAM-SHA-512', 'PLAIN'])('a wrong password, %s', async (mechanism) => {
    const wrong = 'not-the-passw0rd';
    const trial = await run(login(mechanism, { KAFKA_PASSWORD: wrong }));
    expectRefused(trial, broker.at.SASL, /refused the login/, /sasl\./);
    expect(trial.stderr).not.toContain(wrong);
  });

  test('a variable that is not set', async () => {
    const { KAFKA_PASSWORD: _, ...env } = login('PLAIN');
    const out = join(folder, 'never');
    const { code, stderr } = await ordeal(['run', SCENARIO, '--out', out], { env });
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(
      /secured\.yaml:11:\d+: the environment variable KAFKA_PASSWORD is not set/,
    );
  });

  test('a login at a listener that knows none', async () => {
    const trial = await run(login('PLAIN', { KAFKA_BOOTSTRAP: broker.at.TLS }));
    expectRefused(trial, broker.at.TLS, /refused the login: .*ILLEGAL_SASL_STATE/);
  });

  test('no login at a listener that wants one', async () => {
    expectRefused(await run(login(''), connecting(TRUSTING)), broker.at.SASL, /security\.protocol/);
  });
});

describe('what is wrong with TLS', () => {
  test('an authority that we do not trust', async () => {
    const { stranger } = broker.certificates;
    const trial = await run(login('PLAIN', { KAFKA_CA: stranger }));
    expectRefused(trial, `TLS with ${broker.at.SASL} failed`, /certificate/, /ssl\./);
  });

  test('a certificate for another host', async () => {
    const env = login('', { KAFKA_BOOTSTRAP: broker.at.ELSEWHERE });
    expectRefused(await run(env, connecting(TRUSTING)), /does not match certificate/, /ssl\./);
    const lax = { ...TRUSTING, 'ssl.endpoint.identification.algorithm': '' };
    expectDelivered(await run(env, connecting(lax)));
  });

  test('no client certificate', async () => {
    const env = login('', { KAFKA_BOOTSTRAP: broker.at.MUTUAL });
    expectRefused(await run(env, connecting(TRUSTING)), broker.at.MUTUAL, /certificate/);
  });

  test('a key that the password does not open', async () => {
    const { chain, locked } = broker.certificates.client;
    const scenario = connecting({
      ...TRUSTING,
      'ssl.certificate.location': chain,
      'ssl.key.location': locked,
      'ssl.key.password': variable('KEY_PASSWORD'),
    });
    const trial = await run(login('', { KEY_PASSWORD: 'n0t-this-one' }), scenario);
    expectRefused(trial, /ssl\.\*/);
    expect(trial.stderr).not.toContain('n0t-this-one');
  });

  test('a trust store that is not PEM', async () => {
    const trial = await run(login('PLAIN', { KAFKA_CA: broker.certificates.store }));
    expectRefused(trial, /ssl\.truststore\.location/, /PEM/);
  });

  test('TLS at a listener that speaks plaintext', async () => {
    const env = login('', { KAFKA_BOOTSTRAP: broker.at.INTERNAL });
    expectRefused(await run(env, connecting(TRUSTING)), /TLS handshake/, /security\.protocol/);
  });

  test('plaintext at a listener that speaks TLS', async () => {
    const scenario = connecting({ 'security.protocol': 'PLAINTEXT' });
    expectRefused(await run(login(''), scenario), broker.at.SASL, /security\.protocol/);
  });
});

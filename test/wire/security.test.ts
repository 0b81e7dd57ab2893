/** Connection properties by Kafka's names, SCRAM by the RFCs' own examples, logins and TLS against a small server. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeRequest, decodeRequestHeader, encodeResponse } from '../../src/wire/api.ts';
import { apiVersions } from '../../src/wire/apis/api-versions.ts';
import { saslAuthenticate, saslHandshake } from '../../src/wire/apis/sasl.ts';
import { openConnection } from '../../src/wire/connection.ts';
import { FrameCutter } from '../../src/wire/frames.ts';
import { createScram } from '../../src/wire/scram.ts';
import { checkSecurity, parseSecurity } from '../../src/wire/security.ts';

describe('properties', () => {
  test.each([
    [{}, []],
    [{ 'security.protocol': 'SASL' }, ['security.protocol']],
    [{ 'sasl.username': 'u' }, ['sasl.username']],
    [{ 'ssl.ca.location': 'ca.pem' }, ['ssl.ca.location']],
    [{ 'security.protocol': 'SASL_PLAINTEXT' }, ['sasl.mechanism', 'sasl.username']],
    [
      {
        'security.protocol': 'SASL_PLAINTEXT',
        'sasl.mechanism': 'GSSAPI',
        'sasl.username': 'u',
        'sasl.password': 'p',
      },
      ['sasl.mechanism'],
    ],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.type': 'JKS' }, ['ssl.truststore.type']],
    [{ 'security.protocol': 'SSL', 'ssl.protocol': 'TLS' }, ['ssl.protocol']],
  ])('%o', (config, wrong) => {
    const problems = checkSecurity(config, ['here']);
    expect(problems.map(({ path }) => path)).toEqual(wrong.map((key) => ['here', key]));
    if (wrong.length > 0) expect(() => parseSecurity(config)).toThrow(wrong[0]);
  });

  test('a JAAS line gives user and password', () => {
    const { sasl, tls } = parseSecurity({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="al" password="q\\"x";',
      'ssl.endpoint.identification.algorithm': '',
    });
    expect(sasl).toEqual({ mechanism: 'SCRAM-SHA-512', username: 'al', password: 'q"x' });
    expect(tls?.checkServerIdentity?.('x', {} as never)).toBeUndefined();
  });

  test('a file that is not there is told by its property', () => {
    const config = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/nowhere/ca.pem' };
    expect(() => parseSecurity(config)).toThrow(/ssl\.truststore\.location.*nowhere/);
  });

  test('an authority that is not PEM, which Node would pass over', () => {
    const config = { 'security.protocol': 'SSL', 'ssl.truststore.location': 'package.json' };
    expect(() => parseSecurity(config)).toThrow('ssl.truststore.location holds no PEM');
    const inline = { 'security.protocol': 'SSL', 'ssl.truststore.certificates': '' };
    expect(() => parseSecurity(inline)).toThrow('ssl.truststore.certificates holds no PEM');
  });

  test('a key that cannot be used is no defect of ours', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    const config = { 'security.protocol': 'SSL', 'ssl.keystore.key': key };
    expect(() => parseSecurity(config)).toThrow(
      expect.objectContaining({ code: 'connection.unusable' }),
    );
  });
});

describe('SCRAM', () => {
  // RFC 7677, section 3.
  const NONCE = 'rOprNGfwEbeRWgbNEkqO';
  const SERVER_NONCE = `${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
  const CHALLENGE = `r=${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;

  test('SHA-256, as in RFC 7677', () => {
    const scram = createScram('sha256', 'user', 'pencil', NONCE);
    expect(scram.first).toBe(`n,,n=user,r=${NONCE}`);
    expect(scram.final(CHALLENGE)).toBe(
      `c=biws,r=${SERVER_NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    );
    expect(scram.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(true);
    expect(scram.verify('v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(false);
    expect(scram.verify('e=invalid-proof')).toBe(false);
  });

  test('names are escaped', () => {
    expect(createScram('sha512', 'a=b,c', 'p', 'n').first).toBe('n,,n=a=3Db=2Cc,r=n');
  });

  test.each([
    'r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    `r=${SERVER_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999`,
    `r=${SERVER_NONCE},i=4096`,
    '',
  ])('a challenge like %j is refused', (challenge) => {
    expect(() => createScram('sha256', 'user', 'pencil', NONCE).final(challenge)).toThrow(
      'malformed',
    );
  });
});

const APIS = [apiVersions, saslHandshake, saslAuthenticate];

/** Answers ApiVersions and a PLAIN login of al/secret. */
function answer(frame: Buffer): Buffer {
  const { header, reader } = decodeRequestHeader(frame);
  const { key, version, correlationId } = header;
  if (key === apiVersions.key) {
    const apiKeys = APIS.map((api) => ({
      apiKey: api.key,
      minVersion: api.min,
      maxVersion: api.max,
    }));
    return encodeResponse(apiVersions, version, correlationId, { errorCode: 0, apiKeys });
  }
  if (key === saslHandshake.key) {
    const { mechanism } = decodeRequest(saslHandshake, version, reader);
    const errorCode = mechanism === 'PLAIN' ? 0 : 33;
    const mechanisms = ['PLAIN'];
    return encodeResponse(saslHandshake, version, correlationId, { errorCode, mechanisms });
  }
  const { authBytes } = decodeRequest(saslAuthenticate, version, reader);
  const right = authBytes.toString() === '\0al\0secret';
  return encodeResponse(saslAuthenticate, version, correlationId, {
    errorCode: right ? 0 : 58,
    errorMessage: right ? null : 'Authentication failed: no such user',
    authBytes: Buffer.alloc(0),
  });
}

function serve(socket: Socket): void {
  const cutter = new FrameCutter();
  socket.on('error', () => {});
  socket.on('data', (chunk) => cutter.push(chunk, (frame) => socket.write(answer(frame))));
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<{ host: string; port: number }> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { host: 'localhost', port: typeof address === 'object' && address ? address.port : 0 };
}

const plain = (password: string) => ({
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'PLAIN',
  'sasl.username': 'al',
  'sasl.password': password,
});
const open = (address: { host: string; port: number }, connection: Record<string, string>) =>
  openConnection({ ...address, host: '127.0.0.1' }, { connection, clientId: 't', timeoutMs: 2000 });

describe('a login', () => {
  test('succeeds, or says what the broker said', async () => {
    const address = await listen(createTcp(serve));
    (await open(address, plain('secret'))).close();
    await expect(open(address, plain('wrong'))).rejects.toMatchObject({
      code: 'kafka.sasl-failed',
      message: expect.stringContaining('no such user'),
    });
    const scram = { ...plain('secret'), 'sasl.mechanism': 'SCRAM-SHA-256' };
    await expect(open(address, scram)).rejects.toMatchObject({
      code: 'kafka.sasl-failed',
      message: expect.stringContaining('it offers PLAIN'),
    });
  });
});

test('TLS at a listener that has none may be a broker going down', async () => {
  const address = await listen(createTcp((socket) => socket.once('data', () => socket.destroy())));
  await expect(open(address, { 'security.protocol': 'SSL' })).rejects.toMatchObject({
    code: 'kafka.closed',
    message: expect.stringContaining('TLS handshake'),
  });
});

const openssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!openssl)('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-tls-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('trusts what it is told to, and nothing else', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert].concat([
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
      ]),
      { stdio: 'ignore' },
    );
    const address = await listen(
      createTls({ key: readFileSync(key), cert: readFileSync(cert) }, serve),
    );
    const config = { 'security.protocol': 'SSL', 'ssl.truststore.location': cert };
    const dial = (host: string, connection: Record<string, string>) =>
      openConnection({ ...address, host }, { connection, clientId: 't', timeoutMs: 2000 });
    (await dial('localhost', config)).close();
    const failed = { code: 'kafka.tls-failed' };
    await expect(dial('localhost', { 'security.protocol': 'SSL' })).rejects.toMatchObject(failed);
    // The certificate names localhost only.
    await expect(dial('127.0.0.1', config)).rejects.toMatchObject(failed);
    const lax = { ...config, 'ssl.endpoint.identification.algorithm': '' };
    (await dial('127.0.0.1', lax)).close();
  });
});

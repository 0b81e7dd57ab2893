/**
 * How clients connect, by Kafka's own property names: TLS with PEM files, SASL PLAIN and SCRAM. One reading of
 * them for our own protocol and for every client adapter.
 */
import { readFileSync } from 'node:fs';
import {
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls';
import { environmentError, inputError, messageOf } from '../lib/errors.ts';

/** Kafka's names, verbatim; empty for plaintext. */
export type KafkaConfig = Readonly<Record<string, string>>;

export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

export type Sasl = {
  readonly mechanism: Mechanism;
  readonly username: string;
  readonly password: string;
};

export type Security = { readonly tls: ConnectionOptions | null; readonly sasl: Sasl | null };

type Path = readonly (string | number)[];
type SecurityProblem = {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
};

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const SASL_KEYS = ['sasl.mechanism', 'sasl.username', 'sasl.password', 'sasl.jaas.config'];
const TLS_KEYS = [
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.ca.location',
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.certificate.location',
  'ssl.key.location',
  'ssl.key.password',
  'ssl.endpoint.identification.algorithm',
];

/** Reads the properties; the files they name are read here too, so a missing one is told before any traffic. */
export function parseSecurity(
  config: KafkaConfig,
  path: Path = ['cluster', 'connection'],
): Security {
  const [problem] = checkSecurity(config, path);
  if (problem !== undefined) {
    throw inputError(
      'connection.invalid',
      `${problem.path.join('.')}: ${problem.message}`,
      problem.hint,
    );
  }
  const protocol = protocolOf(config);
  return {
    tls: protocol.endsWith('SSL') ? tlsOf(config) : null,
    sasl: protocol.startsWith('SASL') ? saslOf(config) : null,
  };
}

/** Everything that is wrong with the properties, without touching a file. */
export function checkSecurity(config: KafkaConfig, path: Path): SecurityProblem[] {
  const problems: SecurityProblem[] = [];
  const at = (key: string, message: string, hint?: string): void => {
    problems.push({ path: [...path, key], message, ...(hint === undefined ? {} : { hint }) });
  };
  const protocol = protocolOf(config);
  if (!PROTOCOLS.includes(protocol)) {
    at('security.protocol', `${protocol} is not one of ${PROTOCOLS.join(', ')}`);
    return problems;
  }
  for (const key of Object.keys(config)) {
    const hint = misplaced(key, protocol);
    if (hint !== null) at(key, `${key} has no effect on this connection`, hint);
  }
  if (protocol.startsWith('SASL')) checkSasl(config, at);
  if (protocol.endsWith('SSL')) checkTls(config, at);
  return problems;
}

function misplaced(key: string, protocol: string): string | null {
  if (key === 'security.protocol') return null;
  if (SASL_KEYS.includes(key)) {
    return protocol.startsWith('SASL')
      ? null
      : 'set security.protocol to SASL_PLAINTEXT or SASL_SSL';
  }
  if (TLS_KEYS.includes(key)) {
    return protocol.endsWith('SSL') ? null : 'set security.protocol to SSL or SASL_SSL';
  }
  return `known are security.protocol, ${[...SASL_KEYS, ...TLS_KEYS].join(', ')}`;
}

type Tell = (key: string, message: string, hint?: string) => void;

function checkSasl(config: KafkaConfig, tell: Tell): void {
  const mechanism = config['sasl.mechanism'];
  if (mechanism === undefined) tell('sasl.mechanism', 'sasl.mechanism is missing');
  else if (!MECHANISMS.some((known) => known === mechanism)) {
    tell('sasl.mechanism', `${mechanism} is not one of ${MECHANISMS.join(', ')}`);
  }
  const { username, password } = credentials(config);
  if (username === undefined || password === undefined) {
    tell(
      'sasl.username',
      'user name or password is missing',
      'give sasl.username and sasl.password, or both in sasl.jaas.config',
    );
  }
}

function checkTls(config: KafkaConfig, tell: Tell): void {
  for (const key of ['ssl.truststore.type', 'ssl.keystore.type']) {
    if ((config[key] ?? 'PEM') !== 'PEM') {
      tell(key, `${config[key]} stores cannot be read`, 'convert it to PEM with openssl');
    }
  }
  const algorithm = config['ssl.endpoint.identification.algorithm'] ?? 'https';
  if (!['', 'https', 'none'].includes(algorithm.toLowerCase())) {
    tell('ssl.endpoint.identification.algorithm', `${algorithm} is neither https nor empty`);
  }
}

const protocolOf = (config: KafkaConfig): string =>
  (config['security.protocol'] ?? 'PLAINTEXT').toUpperCase();

const saslOf = (config: KafkaConfig): Sasl => {
  const { username = '', password = '' } = credentials(config);
  return { mechanism: config['sasl.mechanism'] as Mechanism, username, password };
};

function credentials(config: KafkaConfig): {
  username: string | undefined;
  password: string | undefined;
} {
  const jaas = config['sasl.jaas.config'] ?? '';
  const option = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s*=\\s*"((?:[^"\\\\]|\\\\.)*)"`)
      .exec(jaas)?.[1]
      ?.replace(/\\(.)/g, '$1');
  return {
    username: config['sasl.username'] ?? option('username'),
    password: config['sasl.password'] ?? option('password'),
  };
}

function tlsOf(config: KafkaConfig): ConnectionOptions {
  const pem = (inline: string, ...files: readonly string[]): string | undefined => {
    const key = [inline, ...files].find((name) => config[name] !== undefined);
    if (key === undefined) return undefined;
    const value = config[key] ?? '';
    return checkPem(key, key === inline ? value : readPem(key, value));
  };
  const ca = pem('ssl.truststore.certificates', 'ssl.truststore.location', 'ssl.ca.location');
  const cert = pem(
    'ssl.keystore.certificate.chain',
    'ssl.certificate.location',
    'ssl.keystore.location',
  );
  const key = pem('ssl.keystore.key', 'ssl.key.location', 'ssl.keystore.location');
  const passphrase = config['ssl.key.password'];
  const algorithm = config['ssl.endpoint.identification.algorithm'] ?? 'https';
  return {
    secureContext: contextOf({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
    }),
    ...(algorithm.toLowerCase() === 'https' ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** Made here and not by the socket, so that a key that cannot be used is the user's to mend and no defect. */
function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw environmentError(
      'connection.unusable',
      `the client certificate or its key cannot be used: ${messageOf(error)}`,
      {
        hint: 'check ssl.* in cluster.connection: do key, certificate and ssl.key.password fit together?',
        cause: error,
      },
    );
  }
}

function readPem(key: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw environmentError('connection.unreadable', `${key}: ${messageOf(error)}`, {
      hint: 'name a PEM file that this user can read',
      cause: error,
    });
  }
}

/** Node takes an authority that is not PEM for none at all, and then trusts nobody. */
function checkPem(key: string, text: string): string {
  if (/^-----BEGIN [^\n]+-----/m.test(text)) return text;
  throw environmentError('connection.not-pem', `${key} holds no PEM`, {
    hint: 'convert it to PEM, such as: openssl pkcs12 -in STORE -out STORE.pem -nodes',
  });
}

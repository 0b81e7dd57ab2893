/**
 * `cluster.connection`: how clients reach a secured cluster, by Kafka's own names. Only settings that every
 * client of ours can honour are known; a secret must come from the environment.
 */
import type { Problem } from '../problem.ts';
import type { KafkaConfig } from '../scenario.ts';
import { suggest } from '../suggest.ts';

const ANY = undefined;

/** The known settings, and the values they take where we can only honour some. */
const SETTINGS: Readonly<Record<string, readonly string[] | undefined>> = {
  'security.protocol': ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
  'sasl.mechanism': ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  'sasl.username': ANY,
  'sasl.password': ANY,
  'sasl.jaas.config': ANY,
  'ssl.truststore.type': ['PEM'],
  'ssl.truststore.location': ANY,
  'ssl.truststore.certificates': ANY,
  'ssl.ca.location': ANY,
  'ssl.keystore.type': ['PEM'],
  'ssl.keystore.location': ANY,
  'ssl.keystore.key': ANY,
  'ssl.keystore.certificate.chain': ANY,
  'ssl.certificate.location': ANY,
  'ssl.key.location': ANY,
  'ssl.key.password': ANY,
  'ssl.endpoint.identification.algorithm': ['https', ''],
};

export const CONNECTION_NAMES: readonly string[] = Object.keys(SETTINGS);

/** Keys whose values are never stored when they came from `${VAR}`. */
export const looksSecret = (key: string): boolean => /password|secret|jaas|token|key/i.test(key);

/** Keys whose values are refused when they stand in the file itself. */
export const isSecret = (key: string): boolean =>
  /(?:^|[._-])(?:password|secret)$|(?:^|\.)jaas\.config$|^ssl\.keystore\.key$/i.test(key);

const JAAS =
  /^org\.apache\.kafka\.common\.security\.(?:plain\.PlainLoginModule|scram\.ScramLoginModule)\s+required\s/;

export function checkConnection(connection: KafkaConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (key: string | null, message: string, hint?: string): void => {
    const path = ['cluster', 'connection', ...(key === null ? [] : [key])];
    problems.push({ path, message, hint });
  };
  for (const [key, known] of Object.entries(SETTINGS)) {
    const value = connection[key];
    if (value === undefined || known === undefined || known.includes(value)) continue;
    // `missingEnv: 'empty'`: an old run is judged again without its environment.
    if (value === '') continue;
    add(key, `\`${key}\` takes one of ${known.filter(Boolean).join(', ')}`, suggest(value, known));
  }
  checkProtocol(connection, add);
  return problems;
}

type Add = (key: string | null, message: string, hint?: string) => void;

function checkProtocol(connection: KafkaConfig, add: Add): void {
  const protocol = connection['security.protocol'];
  if (protocol === '') return;
  const sasl = Object.keys(connection).filter((key) => key.startsWith('sasl.'));
  const ssl = Object.keys(connection).filter((key) => key.startsWith('ssl.'));
  if (!protocol?.startsWith('SASL_') && sasl[0] !== undefined) {
    add(
      sasl[0],
      `\`${sasl[0]}\` has no effect without SASL`,
      'set security.protocol to SASL_SSL or SASL_PLAINTEXT',
    );
  }
  if (!protocol?.endsWith('SSL') && ssl[0] !== undefined) {
    add(
      ssl[0],
      `\`${ssl[0]}\` has no effect without TLS`,
      'set security.protocol to SSL or SASL_SSL',
    );
  }
  if (protocol?.startsWith('SASL_')) checkSasl(connection, add);
}

function checkSasl(connection: KafkaConfig, add: Add): void {
  if (connection['sasl.mechanism'] === undefined) {
    add(null, '`sasl.mechanism` is missing', 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512');
  }
  const jaas = connection['sasl.jaas.config'];
  const plain = ['sasl.username', 'sasl.password'].filter((key) => connection[key] !== undefined);
  if (jaas === undefined && plain.length < 2) {
    add(
      null,
      'SASL needs a user and a password',
      'give sasl.username and sasl.password, or sasl.jaas.config',
    );
  }
  if (jaas !== undefined && plain[0] !== undefined) {
    add(
      plain[0],
      `\`${plain[0]}\` and \`sasl.jaas.config\` say the same twice`,
      'keep one of them',
    );
  }
  if (jaas !== undefined && jaas !== '' && !isJaas(jaas)) {
    add(
      'sasl.jaas.config',
      '`sasl.jaas.config` is not a PLAIN or SCRAM login with username="…" and password="…"',
      'or give sasl.username and sasl.password',
    );
  }
}

const isJaas = (text: string): boolean =>
  JAAS.test(text) && /\busername\s*=\s*"/.test(text) && /\bpassword\s*=\s*"/.test(text);

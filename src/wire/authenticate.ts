/** SASL over a fresh connection: PLAIN (RFC 4616) or SCRAM. */
import { formatAddress } from '../lib/address.ts';
import { environmentError, messageOf, type OrdealError } from '../lib/errors.ts';
import { saslAuthenticate, saslHandshake } from './apis/sasl.ts';
import type { Connection, SendOptions } from './connection.ts';
import { errorName } from './errors.ts';
import { createScram } from './scram.ts';
import type { Sasl } from './security.ts';

/** Throws `kafka.sasl-failed` and says what the broker said. */
export async function authenticate(
  connection: Connection,
  sasl: Sasl,
  left: () => SendOptions,
): Promise<void> {
  const { mechanism } = sasl;
  const handshake = await connection.send(saslHandshake, { mechanism }, left());
  if (handshake.errorCode !== 0) {
    const offers = handshake.mechanisms.join(', ');
    throw refused(
      connection,
      offers === '' ? errorName(handshake.errorCode) : `it offers ${offers}, not ${mechanism}`,
    );
  }
  const say = async (text: string): Promise<string> => {
    const answer = await connection.send(
      saslAuthenticate,
      { authBytes: Buffer.from(text) },
      left(),
    );
    if (answer.errorCode !== 0) {
      throw refused(connection, answer.errorMessage ?? errorName(answer.errorCode));
    }
    return answer.authBytes.toString('utf8');
  };
  if (mechanism === 'PLAIN') {
    await say(`\0${sasl.username}\0${sasl.password}`);
    return;
  }
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const scram = createScram(hash, sasl.username, sasl.password);
  const challenge = await say(scram.first);
  const proof = answerTo(connection, () => scram.final(challenge));
  if (!scram.verify(await say(proof))) {
    throw refused(connection, 'it does not know the password itself');
  }
}

function answerTo(connection: Connection, compute: () => string): string {
  try {
    return compute();
  } catch (error) {
    throw refused(connection, messageOf(error), error);
  }
}

const refused = (connection: Connection, why: string, cause?: unknown): OrdealError =>
  environmentError(
    'kafka.sasl-failed',
    `${formatAddress(connection.address)} refused the login: ${why}`,
    {
      hint: 'check security.protocol and sasl.* in cluster.connection',
      ...(cause === undefined ? {} : { cause }),
    },
  );

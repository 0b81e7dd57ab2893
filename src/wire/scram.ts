/** SCRAM (RFC 5802, RFC 7677) from the client's side, without channel binding, as Kafka speaks it. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** A server must not make us compute for minutes. */
const MAX_ITERATIONS = 1_000_000;

export type Scram = {
  readonly first: string;
  /** The answer to the server's first message. Throws when that is malformed or not meant for us. */
  readonly final: (serverFirst: string) => string;
  /** Whether the server knows the password too. */
  readonly verify: (serverFinal: string) => boolean;
};

export function createScram(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  nonce: string = randomBytes(24).toString('base64url'),
): Scram {
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  let expected: Buffer = Buffer.alloc(0);
  return {
    first: `n,,${bare}`,
    final: (serverFirst) => {
      const { r = '', s = '', i = '' } = attributes(serverFirst);
      const iterations = Number(i);
      if (!r.startsWith(nonce) || s === '' || !(iterations >= 1 && iterations <= MAX_ITERATIONS)) {
        throw new Error('the server sent a malformed SCRAM challenge');
      }
      const hmac = (key: Buffer, text: string): Buffer =>
        createHmac(hash, key).update(text).digest();
      const salted = pbkdf2Sync(
        password,
        Buffer.from(s, 'base64'),
        iterations,
        hash === 'sha256' ? 32 : 64,
        hash,
      );
      const clientKey = hmac(salted, 'Client Key');
      const storedKey = createHash(hash).update(clientKey).digest();
      const withoutProof = `c=biws,r=${r}`;
      const authMessage = `${bare},${serverFirst},${withoutProof}`;
      const signature = hmac(storedKey, authMessage);
      const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] as number)));
      expected = hmac(hmac(salted, 'Server Key'), authMessage);
      return `${withoutProof},p=${proof.toString('base64')}`;
    },
    verify: (serverFinal) => {
      const given = Buffer.from(attributes(serverFinal)['v'] ?? '', 'base64');
      return (
        expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)
      );
    },
  };
}

const attributes = (message: string): Readonly<Record<string, string>> =>
  Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));

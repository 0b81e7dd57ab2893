/**
 * Looks through the proxy before a broker of an external cluster, with TLS and a login where its listener wants them.
 * A plain look sends the one request that a listener answers before any login.
 */
import type { Address } from '../../lib/address.ts';
import { OrdealError } from '../../lib/errors.ts';
import type { LinkProbe } from '../../links/links.ts';
import type { KafkaConfig } from '../../scenario/scenario.ts';
import { apiVersions, CLIENT_SOFTWARE } from '../../wire/apis/api-versions.ts';
import { openConnection } from '../../wire/connection.ts';

/** The longest client id there is makes a request of 32 KiB. */
const LONG_CLIENT_ID = ''.padEnd(32_000, 'ordeal-probe ');

type Look = {
  readonly via: Address;
  /** Whom TLS must find there. */
  readonly host: string;
  readonly connection: KafkaConfig;
  readonly timeoutMs: number;
  /** So many big requests in a row; a single small one without. */
  readonly requests?: number | undefined;
};

/**
 * Never takes longer than `timeoutMs`. With TLS the handshake counts to the time of a single request, before a fault
 * as well as under it.
 */
export async function probeThrough(look: Look): Promise<LinkProbe> {
  try {
    return { state: 'answered', roundTripMs: await timed(look) };
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return { state: stateOf(error), roundTripMs: null };
  }
}

async function timed({ via, host, connection, timeoutMs, requests }: Look): Promise<number> {
  const dialledAt = performance.now();
  const opened = await openConnection(via, {
    // One request may come before the login, and opening sends it; more may not.
    connection: requests === undefined ? withoutLogin(connection) : connection,
    clientId: requests === undefined ? 'ordeal-probe' : LONG_CLIENT_ID,
    provenHost: host,
    timeoutMs,
  });
  try {
    const startedAt = performance.now();
    if (requests === undefined) return startedAt - dialledAt;
    const options = { timeoutMs: Math.max(1, dialledAt + timeoutMs - startedAt) };
    const sent = Array.from({ length: requests }, () =>
      opened.send(apiVersions, CLIENT_SOFTWARE, options),
    );
    await Promise.all(sent);
    return performance.now() - startedAt;
  } finally {
    opened.close();
  }
}

/** TLS stays, the login goes. */
function withoutLogin(connection: KafkaConfig): KafkaConfig {
  const protocol = (connection['security.protocol'] ?? 'PLAINTEXT').toUpperCase();
  const rest = Object.entries(connection).filter(([name]) => !name.startsWith('sasl.'));
  return {
    ...Object.fromEntries(rest),
    'security.protocol': protocol.endsWith('SSL') ? 'SSL' : 'PLAINTEXT',
  };
}

function stateOf(error: OrdealError): LinkProbe['state'] {
  if (error.code === 'kafka.timeout') return 'silent';
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ECONNRESET' ? 'reset' : 'refused';
}

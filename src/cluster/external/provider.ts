/** The external provider: a cluster that is there already. It is loaded and observed, and never broken. */
import type { Address } from '../../lib/address.ts';
import { noLinks } from '../../links/no-links.ts';
import { openAdmin } from '../../wire/admin.ts';
import type { ClusterProvider } from '../cluster.ts';

export const externalProvider = (): ClusterProvider => ({
  name: 'external',
  start: async ({ scenario }, { signal }) => {
    const { bootstrap: servers, connection } = scenario.cluster;
    const startedAt = performance.now();
    const bootstrap = servers.map(parseAddress);
    const admin = await openAdmin({ bootstrap, connection, clientId: 'ordeal-readiness', signal });
    try {
      const { clusterId } = await admin.metadata([]);
      return {
        provider: 'external',
        nodes: new Map(),
        bootstrap,
        harness: bootstrap,
        connection,
        links: noLinks(),
        facts: {
          provider: 'external',
          kafka: 'unknown',
          clusterId: clusterId ?? 'unknown',
          java: null,
          jvm: null,
          finalizedFeatures: await admin.features(),
          nodeConfig: {},
          readyMs: Math.round(performance.now() - startedAt),
        },
        [Symbol.asyncDispose]: async () => {},
      };
    } finally {
      admin.close();
    }
  },
});

/** `HOST:PORT` or `[IPV6]:PORT`, which the scenario's schema has checked. */
function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return {
    host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(text.slice(colon + 1)),
  };
}

/**
 * `disconnect`: the container loses its network interface, as when a cable is pulled: nobody is told, connections
 * just fall silent. Unlike `partition`, it cuts clients, peers and the harness at once. Heals by the same address.
 */
import type { Address } from '../lib/address.ts';
import type { DisconnectFault } from '../scenario/scenario.ts';
import { openConnection } from '../wire/connection.ts';
import type { Arena, Effect, Fault } from './arena.ts';
import { containerOf, run } from './containers.ts';
import { injectOnNodes } from './on-nodes.ts';
import type { HitNode } from './process.ts';

const DIAL_TIMEOUT_MS = 2000;

export const disconnect: Fault<DisconnectFault> = {
  async inject({ where }, arena) {
    const harness = await harnessOf(arena);
    return injectOnNodes(
      where,
      {
        begin: (node) => containerOf(node).disconnect(),
        probe: (hit) => silentEffect(hit, harness),
        end: (node) => containerOf(node).connect(),
      },
      arena,
    );
  },
};

/** Where each broker's HARNESS listener is; a node that is only a controller has none. */
async function harnessOf({ admin }: Arena): Promise<ReadonlyMap<number, Address>> {
  const { brokers } = await admin.metadata([]);
  return new Map(brokers.map(({ id, host, port }) => [id, { host, port }]));
}

async function silentEffect(
  hit: readonly HitNode[],
  harness: ReadonlyMap<number, Address>,
): Promise<Effect> {
  const effects = await Promise.all(
    hit.map(async ({ node }): Promise<Effect> => {
      const interfaces = namesOf(await run(node, 'node', ['cat', '/proc/net/dev']));
      const address = harness.get(node.id);
      const reached = address !== undefined && (await answers(address));
      const alone = interfaces.every((name) => name === 'lo');
      const has = alone ? 'no network' : `the network ${interfaces.join(', ')}`;
      const answer =
        address === undefined ? '' : `, and ${reached ? 'answers' : 'does not answer'} on HARNESS`;
      return { proven: alone && !reached, evidence: `broker ${node.id} has ${has}${answer}` };
    }),
  );
  return {
    proven: effects.every(({ proven }) => proven),
    evidence: effects.map(({ evidence }) => evidence).join('; '),
  };
}

/** After two lines of headings, one interface a line, its name before a colon. */
export const namesOf = (table: string): readonly string[] =>
  table
    .split('\n')
    .slice(2)
    .flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? []);

async function answers(address: Address): Promise<boolean> {
  try {
    const options = { connection: {}, clientId: 'ordeal-probe', timeoutMs: DIAL_TIMEOUT_MS };
    (await openConnection(address, options)).close();
    return true;
  } catch {
    return false;
  }
}

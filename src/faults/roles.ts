/** Who has a role right now: asked of the cluster on HARNESS when the fault fires, never remembered. */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import type { Random } from '../lib/random.ts';
import type { BrokerWhere } from '../scenario/scenario.ts';
import type { Admin } from '../wire/admin.ts';

type Cast = {
  readonly nodes: ReadonlyMap<number, ClusterNode>;
  readonly admin: Admin;
  readonly random: Random;
  readonly signal: AbortSignal;
};

/** How long a role may be vacant (an election in progress) before the fault gives up. */
const VACANCY_MS = 15_000;

export async function resolveRole(where: BrokerWhere, cast: Cast): Promise<readonly number[]> {
  const holder = await waitFor(`who is ${describeRole(where)}`, () => holders(where, cast), {
    timeoutMs: VACANCY_MS,
    everyMs: 200,
    signal: cast.signal,
  });
  return holder;
}

async function holders(where: BrokerWhere, cast: Cast): Promise<readonly number[] | undefined> {
  switch (where.kind) {
    case 'broker':
      return [where.id];
    case 'all-brokers':
      return brokersOf(cast.nodes).map((node) => node.id);
    case 'any-broker':
      return oneOf(
        brokersOf(cast.nodes)
          .filter((node) => node.state === 'running')
          .map((node) => node.id),
        cast.random,
      );
    case 'controller': {
      const { leaderId } = await cast.admin.quorum();
      return leaderId < 0 ? undefined : [leaderId];
    }
    case 'coordinator': {
      const id = await cast.admin.findCoordinator(where.of, where.id);
      return id < 0 ? undefined : [id];
    }
    case 'leader':
    case 'follower': {
      const { leader, isr } = await partitionState(cast.admin, where.topic, where.partition);
      if (leader < 0) return undefined;
      if (where.kind === 'leader') return [leader];
      return oneOf(
        isr.filter((id) => id !== leader),
        cast.random,
      );
    }
  }
}

async function partitionState(
  admin: Admin,
  topic: string,
  partition: number,
): Promise<{ leader: number; isr: readonly number[] }> {
  const { topics } = await admin.metadata([topic]);
  const state = topics[0]?.partitions.find((found) => found.partition === partition);
  return state ?? { leader: -1, isr: [] };
}

const brokersOf = (nodes: ReadonlyMap<number, ClusterNode>): readonly ClusterNode[] =>
  [...nodes.values()].filter((node) => node.roles.includes('broker'));

function oneOf(ids: readonly number[], random: Random): readonly number[] | undefined {
  const id = ids[random.below(ids.length)];
  return id === undefined ? undefined : [id];
}

function describeRole(where: BrokerWhere): string {
  switch (where.kind) {
    case 'leader':
    case 'follower':
      return `${where.kind} of ${where.topic}/${where.partition}`;
    case 'coordinator':
      return `coordinator of ${where.of} ${where.id}`;
    case 'broker':
      return `broker ${where.id}`;
    case 'controller':
      return 'controller';
    case 'any-broker':
      return 'any broker';
    case 'all-brokers':
      return 'all brokers';
  }
}

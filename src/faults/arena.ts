/**
 * What a fault may act through: brokers, links, admin calls and the processes of the load. Never metrics, so that no fault can adapt to
 * the traffic and flatter it.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { AdminChange } from '../evidence/admin-change.ts';
import type { Random } from '../lib/random.ts';
import type { Links } from '../links/links.ts';
import type { LinkNode } from '../links/pattern.ts';
import type { BrokerWhere, FaultSpec } from '../scenario/scenario.ts';
import type { LoadWhere } from '../scenario/worker-fault.ts';
import type { Admin } from '../wire/admin.ts';
import type { HasProcess } from './process.ts';

export type Arena = {
  readonly nodes: ReadonlyMap<number, ClusterNode>;
  readonly links: Links;
  /** Whom links lead to, where these are not the `nodes`: brokers of a cluster that ordeal does not run. */
  readonly linkNodes?: readonly LinkNode[] | undefined;
  readonly admin: Admin;
  readonly random: Random;
  /** Turns a role into node ids, as it stands now. Throws when nobody has the role. */
  readonly resolve: (where: BrokerWhere) => Promise<readonly number[]>;
  /** The worker processes that the place means. */
  readonly workers: (where: LoadWhere) => readonly LoadWorker[];
  /** To be told what a fault takes, or may have taken, from a broker's disk: it decides what Kafka still owes. */
  readonly onLogLost: (lost: LogLost) => void;
  /** To be told what a fault asks Kafka to change, and when that was seen: promises are judged by it. */
  readonly onChange: (change: AskedChange) => void;
  /** Aborted when the run is interrupted, or stopped early. */
  readonly signal: AbortSignal;
};

export type AskedChange = {
  readonly step: 'asked' | 'seen';
  readonly fault: string;
  readonly change: AdminChange;
};

/** A worker of the load. `start` resolves when it is connected again, or a member of its group. */
export type LoadWorker = HasProcess & {
  /** Such as `worker 0 of load billing`. */
  readonly name: string;
  /** From now on; 0 ends it. */
  readonly slow: (delayMs: number) => void;
  /** How much of its work was slowed so far, as it says: batches, or looks at what is due. */
  readonly slowed: () => number;
  /** Its consumers leave and join again so often from now on; 0 ends it. */
  readonly rejoin: (everyMs: number) => void;
  /** How often its consumers were assigned partitions so far. */
  readonly assignments: () => number;
};

export type LogLost = {
  readonly fault: string;
  readonly broker: number;
  /** The first offset that is gone, by `topic/partition`; null: everything is. */
  readonly from: Readonly<Record<string, number>> | null;
};

/** Whether the effect was seen from outside, and what was seen. */
export type Effect = { readonly proven: boolean; readonly evidence: string };

export type Injection = {
  /** What the role resolved to, such as `broker 2`. */
  readonly target: string;
  /** Looks at the effect from outside while it is in force. */
  readonly probe: () => Promise<Effect>;
  /** Ends it; resolves when the system is whole again as far as this fault is concerned. Idempotent. */
  readonly heal: () => Promise<void>;
  /** Faults with an end of their own (restarts): settled when they are over. */
  readonly ends?: Promise<void>;
};

export interface Fault<S extends FaultSpec> {
  readonly inject: (spec: S, arena: Arena) => Promise<Injection>;
}

export const describeNodes = (ids: readonly number[]): string =>
  ids.length === 1 ? `broker ${ids[0]}` : `brokers ${ids.join(', ')}`;

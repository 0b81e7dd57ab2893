/**
 * A cluster under test, whoever provides it. A plan becomes a running cluster; disposing of that stops
 * everything it started. Nothing here knows about traffic or verdicts.
 */
import type { Address } from '../lib/address.ts';
import type { Progress } from '../lib/progress.ts';
import type { Link, Links } from '../links/links.ts';
import type { KafkaConfig, ProviderName, Scenario } from '../scenario/scenario.ts';

export type NodeRole = 'broker' | 'controller';

/** What a node is doing, as far as we made it do it. `exited`: it died without being told to. */
export type NodeState = 'running' | 'paused' | 'stopped' | 'killed' | 'exited';

/** One KRaft node. Ids: brokers are 1…N; separate controllers follow from 101. */
export interface ClusterNode {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly dataDir: string;
  readonly state: NodeState;
  /** The process id, or null when there is no process. */
  readonly pid: number | null;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM and a controlled shutdown; SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** Starts it again on the same disk, address and ports; resolves when it is registered and unfenced. */
  start(signal?: AbortSignal): Promise<void>;
  /** SIGSTOP: the process keeps its connections and does nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** Everything stored as `environment.cluster` in result.json. */
export type ClusterFacts = {
  readonly provider: ProviderName;
  readonly kafka: string;
  readonly clusterId: string;
  readonly java: string | null;
  /** How the brokers' JVMs compile; null for a cluster that ordeal does not run. */
  readonly jvm: 'quick' | 'full' | null;
  readonly finalizedFeatures: Readonly<Record<string, number>>;
  /** The settings each node was really started with, by node id. */
  readonly nodeConfig: Readonly<Record<string, KafkaConfig>>;
  readonly readyMs: number;
};

export interface RunningCluster extends AsyncDisposable {
  readonly provider: Exclude<ProviderName, 'auto'>;
  /** All nodes by id; empty for `external`. */
  readonly nodes: ReadonlyMap<number, ClusterNode>;
  /** What clients dial first (CLIENT listener; the proxies where links have one). */
  readonly bootstrap: readonly Address[];
  /** The HARNESS listener of every broker: direct, never faulted. */
  readonly harness: readonly Address[];
  /** How clients authenticate: Kafka's names; empty for plaintext. */
  readonly connection: KafkaConfig;
  readonly links: Links;
  readonly facts: ClusterFacts;
}

export type ClusterContext = {
  /** For logs: `logs/broker-1.log` and so on are written below it. */
  readonly runFolder: string;
  readonly runId: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** A node's process started, or ended. */
  readonly onNode: (
    event:
      | {
          readonly type: 'started';
          readonly node: number;
          readonly pid: number;
          readonly dataDir: string;
        }
      | {
          readonly type: 'exited';
          readonly node: number;
          readonly code: number | null;
          readonly signal: string | null;
          readonly expected: boolean;
        },
  ) => void;
};

export type ClusterPlan = {
  readonly scenario: Scenario;
  /** Links that need a proxy, from the scenario's faults; see links/pattern.ts. */
  readonly proxied: readonly Link[];
};

export interface ClusterProvider {
  readonly name: Exclude<ProviderName, 'auto'>;
  /** Everything is up, registered and led, or it throws one environment error and nothing is left running. */
  start(plan: ClusterPlan, context: ClusterContext): Promise<RunningCluster>;
}

/**
 * A cluster under test, whoever provides it. A plan becomes a running cluster; disposing of that stops
 * everything it started. Nothing here knows about traffic or verdicts.
 */
import type { Address } from '../lib/address.ts';
import type { OrdealError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import type { RouteTable } from '../lib/route.ts';
import type { Link, Links } from '../links/links.ts';
import type { LinkNode } from '../links/pattern.ts';
import type { KafkaConfig, ProviderName, Scenario, VolumeSpec } from '../scenario/scenario.ts';
import type { ListenerName } from './broker-config.ts';

export type NodeRole = 'broker' | 'controller';

/** What a node is doing, as far as we made it do it. `exited`: it died without being told to. */
export type NodeState = 'running' | 'paused' | 'stopped' | 'killed' | 'exited';

/** What the system that runs a node says of it, asked anew: the outside view that proves kills and pauses. */
export type NodeLook = {
  /** Names the process for as long as it lives (`process 4711`); null when there is none. */
  readonly process: string | null;
  /** Whether it is kept from running; undefined where the system does not tell. */
  readonly stopped: boolean | undefined;
};

/** One KRaft node. Ids: brokers are 1…N; separate controllers follow from 101. */
export interface ClusterNode {
  readonly id: number;
  readonly roles: readonly NodeRole[];
  readonly dataDir: string;
  readonly state: NodeState;
  look(): Promise<NodeLook>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM and a controlled shutdown; SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** Starts it again on the same disk, address and ports; resolves when it is registered and unfenced. */
  start(signal?: AbortSignal): Promise<void>;
  /** SIGSTOP: the process keeps its connections and does nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** What can be done to a node because it runs in a container; null where it does not. */
  readonly container: NodeContainer | null;
}

export type Executed = { readonly exitCode: number; readonly output: string };

/** A node's container, and its pod: the container beside it that owns the network, the ports and the proxies. */
export interface NodeContainer {
  /** Where each listener is dialled on the run's network; CLIENT at its proxy, where it has one. */
  readonly addresses: Readonly<Partial<Record<ListenerName, Address>>>;
  /** Which container it is now, and whether the kernel ended it for lack of memory. */
  inspect(): Promise<{ readonly id: string; readonly outOfMemory: boolean }>;
  /** Until the next start the node may end by itself: that is what a fault in force is for. */
  expectEnd(): void;
  /** Runs a program to its end; the pod sees the node's disk at the same path, also while the node is down. */
  exec(where: 'node' | 'pod', command: readonly string[], signal?: AbortSignal): Promise<Executed>;
  /** Makes a new container for a node that is down: on the same disk, or on an empty one. Does not start it. */
  recreate(disk: 'same' | 'empty'): Promise<void>;
  /** How many cores it may use from now on; null: as many as the scenario gave it. */
  limitCpus(cpus: number | null): Promise<void>;
  /** Takes the pod off the network, and puts it back at the same address and ports. */
  disconnect(): Promise<void>;
  connect(): Promise<void>;
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
  /** What the brokers' containers are; null where there are none. */
  readonly containers: ContainerFacts | null;
  /** Only of a cluster that was there before the run, because somebody keeps it. */
  readonly kept?: KeptFacts;
};

export type KeptFacts = {
  readonly name: string;
  /** How many runs had it since it was raised. */
  readonly usedBefore: number;
};

export type ContainerFacts = {
  /** `Docker 20.10.24 (API 1.41)`. */
  readonly engine: string;
  readonly images: Readonly<Record<'kafka' | 'toxiproxy', ImageFacts>>;
  /** Of each broker; null: as many cores, as much memory as there is. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly volume: VolumeSpec;
};

export type ImageFacts = {
  readonly reference: string;
  readonly id: string;
  /** The registry's digest; null for an image that was built here. */
  readonly digest: string | null;
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
  /** `external`: the brokers that links lead to, since there are no nodes. */
  readonly linkNodes?: readonly LinkNode[];
  /** `external`: where clients dial the proxies in their links; everything else is dialled as it is. */
  readonly routes?: RouteTable;
  readonly facts: ClusterFacts;
  /** Only of a cluster that is kept: the next run gets it as it is, or, without this word before its disposal, a new one. */
  readonly leaveWhole?: () => void;
}

export type ClusterContext = {
  /** For logs: `logs/broker-1.log` and so on are written below it. */
  readonly runFolder: string;
  readonly runId: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** What the cluster stands on, and no fault may touch, is gone: nothing says anything about Kafka any more. */
  readonly onFailure: (error: OrdealError) => void;
  readonly warn: (code: string, message: string) => void;
  readonly onNode: (event: NodeEvent) => void;
};

/** A node's process started, or ended. */
export type NodeEvent =
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

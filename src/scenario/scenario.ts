/**
 * The scenario as the rest of the program sees it: units parsed, defaults filled in, every fault and
 * expectation in structured form. Durations are integer milliseconds, sizes are bytes, rates are records
 * per second. Kafka settings keep Kafka's dotted names and stay text.
 */
import type { AbortCondition } from './abort-on.ts';
import type { AdminFault } from './admin-fault.ts';
import type { MustFind } from './must-find.ts';
import type { RelaySpec } from './relay-spec.ts';
import type { KeyModel, Rate } from './traffic.ts';
import type { TransactionSpec } from './transaction-spec.ts';
import type { KillFault, PauseFault, WorkerFault } from './worker-fault.ts';

export type ProviderName = 'auto' | 'local' | 'docker' | 'external';
export type ClientName = 'kafkajs' | 'native';

/** Kafka's own names, verbatim, such as `min.insync.replicas`. */
export type KafkaConfig = Readonly<Record<string, string>>;

export type Scenario = {
  readonly name: string;
  /** The file's leading comment: the question it asks and the answer it expects. */
  readonly question: string;
  readonly cluster: ClusterSpec;
  readonly topics: Readonly<Record<string, TopicSpec>>;
  /** In the file's order. */
  readonly load: readonly LoadSpec[];
  readonly phases: PhaseSpec;
  /** In the file's order, not sorted by time. */
  readonly faults: readonly FaultSpec[];
  readonly expect: readonly Expectation[];
  /** In the file's order; the first that comes true stops the run early. */
  readonly abortOn: readonly AbortCondition[];
  /** Control scenarios: the anomaly the checker must find for the run to pass; nothing worse may be found. */
  readonly mustFind: MustFind | null;
  /** Control scenarios: how often a run may be repeated until `must-find` is found. 1 = no repetition. */
  readonly attempts: number;
};

export type ClusterSpec = {
  readonly provider: ProviderName;
  readonly brokers: number;
  /** 0: the brokers are also the controllers (up to three of them); otherwise separate controller nodes. */
  readonly controllers: number;
  readonly kafka: string;
  /** Broker settings, given to every node. */
  readonly config: KafkaConfig;
  /** JVM heap of each node in bytes. */
  readonly heapBytes: number;
  /**
   * `quick`: HotSpot's first compiler only, so that brokers start in half the time and serve at an even speed from
   * the first minute. `full`: as Kafka ships; faster at last, after minutes of compiling beside the traffic.
   */
  readonly jvm: 'quick' | 'full';
  /** Cores each node may use; null: as many as there are. Containers only. */
  readonly cpus: number | null;
  /** Memory of each node's container in bytes, heap included; null: no limit. Containers only. */
  readonly memoryBytes: number | null;
  /** What each node keeps its data on. */
  readonly volume: VolumeSpec;
  /** `docker` only: the images to run instead of the usual ones. */
  readonly images?: {
    readonly kafka?: string | undefined;
    readonly toxiproxy?: string | undefined;
  };
  /** `external` only. */
  readonly bootstrap: readonly string[];
  /** How clients connect: security.protocol, sasl.*, ssl.* by Kafka's names. Secrets arrive by `${VAR}` only. */
  readonly connection: KafkaConfig;
  /** `external` only: consent, given with the flag alone, to write to what is there already. */
  readonly allowDestructive: boolean;
  /** `external` only: what the run created there is not deleted afterwards. */
  readonly keepTopics: boolean;
};

/** `volume`: the provider's usual disk. `tmpfs`: memory of a fixed size, which can be filled. Containers only. */
export type VolumeSpec =
  | { readonly kind: 'volume' }
  | { readonly kind: 'tmpfs'; readonly bytes: number };

export type TopicSpec = {
  readonly partitions: number;
  readonly replicas: number;
  readonly config: KafkaConfig;
  /** `external` only: it is there already under this very name; neither created nor deleted. */
  readonly existing?: boolean | undefined;
};

export type PhaseSpec = {
  readonly warmupMs: number;
  readonly measureMs: number;
  /** A deadline, not a length. */
  readonly drainMs: number;
};

export type LoadSpec = ProduceLoad | ConsumeLoad;

export type ProduceLoad = {
  readonly kind: 'produce';
  readonly name: string;
  readonly topic: string;
  readonly client: ClientName;
  /** Independent client instances; each writes to every partition. */
  readonly producers: number;
  /** Worker processes the producers are spread over. */
  readonly workers: number;
  readonly rate: Rate;
  readonly arrival: 'constant' | 'poisson';
  /** Value sizes with their weights; one entry for a fixed size. Weights sum to 1. */
  readonly size: readonly { readonly bytes: number; readonly weight: number }[];
  readonly keys: KeyModel;
  readonly headers: Readonly<Record<string, string>>;
  /** 0: the filler is random bytes; 1: it is all one byte. */
  readonly compressibility: number;
  /** `many-partitions` switches the adapter's protection off: one send() spans partitions (design §7). */
  readonly sends: 'one-partition' | 'many-partitions';
  /** `reuse` switches the adapter's protection off: an idempotent producer goes on with its numbers after a failure. */
  readonly afterGivingUp: 'renew' | 'reuse';
  /** Each producer sends in transactions, one after the other; absent: without any. */
  readonly transaction?: TransactionSpec | undefined;
  /** Producer settings by Kafka's names; a client that cannot honour one refuses at planning. */
  readonly config: KafkaConfig;
};

export type ConsumeLoad = {
  readonly kind: 'consume';
  readonly name: string;
  readonly topic: string;
  readonly client: ClientName;
  readonly consumers: number;
  readonly workers: number;
  /** Defaults to the load's name. */
  readonly group: string;
  /** It makes something of what it is handed, and writes that to another topic. */
  readonly relay?: RelaySpec | undefined;
  /** When the group begins, from the start of `measure`; absent: before the traffic does. */
  readonly startMs?: number | undefined;
  /** How long each record keeps the member that was handed it, one after the other; absent: not at all. */
  readonly processingMs?: number | undefined;
  readonly config: KafkaConfig;
};

// Where a fault acts -------------------------------------------------------------------------------

/** A broker by id or by role; roles are resolved when the fault fires. */
export type BrokerWhere =
  | { readonly kind: 'leader'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'follower'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'controller' }
  | {
      readonly kind: 'coordinator';
      readonly of: 'group' | 'transaction';
      readonly id: string;
    }
  | { readonly kind: 'broker'; readonly id: number }
  | { readonly kind: 'any-broker' }
  | { readonly kind: 'all-brokers' };

/** One end of a link. `all` is every node but the other end; `brokers` the broker nodes but the other end. */
export type LinkEnd =
  | { readonly kind: 'clients' }
  | { readonly kind: 'all' }
  | { readonly kind: 'brokers' }
  | { readonly kind: 'controllers' }
  | Exclude<BrokerWhere, { kind: 'all-brokers' } | { kind: 'any-broker' }>;

export type Listener = 'CLIENT' | 'BROKER' | 'CONTROLLER';

/**
 * `from -> to (LISTENER)`. `both` is written `<->`. Without a listener: CLIENT when the dialer is `clients`,
 * otherwise BROKER and CONTROLLER. A link is directed by who dials.
 */
export type LinkPattern = {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly listener: Listener | null;
  readonly both: boolean;
};

/** Which way the bytes flow that a fault touches: request = from the dialer, response = to the dialer. */
export type Stream = 'request' | 'response' | 'both';

export type FaultCommon = {
  readonly name: string;
  /** From the start of `measure`. */
  readonly atMs: number;
  /** null: heals at the end of `measure`. */
  readonly forMs: number | null;
  /** The `where` as the user wrote it, for events and reports. */
  readonly whereText: string;
  /** Fires only while fewer brokers than this are harmed; absent: whatever else is going on. */
  readonly budget?: number | undefined;
};
type BrokerFault<K extends string> = FaultCommon & {
  readonly kind: K;
  readonly where: BrokerWhere;
};
type LinkFault<K extends string> = FaultCommon & {
  readonly kind: K;
  readonly where: readonly LinkPattern[];
};

export type StopFault = BrokerFault<'stop'>;
/** Stop and start at once; `for` is not allowed. */
export type RestartFault = BrokerFault<'restart'>;
/** Restart of each broker in turn, the next when the last is back in every ISR. `where` is all-brokers. */
export type RollingRestartFault = BrokerFault<'rolling-restart'>;
export type LatencyFault = LinkFault<'latency'> & {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly stream: Stream;
};
export type BandwidthFault = LinkFault<'bandwidth'> & {
  readonly bytesPerSecond: number;
  readonly stream: Stream;
};
/** Connections over the links are reset (TCP RST), and new ones as well while it lasts. */
export type ResetFault = LinkFault<'reset'>;
/** Connections are accepted and nothing passes; heal closes them. */
export type BlackholeFault = LinkFault<'blackhole'> & { readonly stream: Stream };
/** Connections are closed and refused. */
export type PartitionFault = LinkFault<'partition'>;
/** Packets of the links get lost, each with this probability (0 to 1). */
export type DropFault = LinkFault<'drop'> & { readonly probability: number };
/** Stop, a new container on the same disk, start; `for` is not allowed. */
export type RecreateFault = BrokerFault<'recreate'>;
/** SIGKILL, and a new container with the same id on an empty disk, started when it heals. */
export type ReplaceFault = BrokerFault<'replace'>;
/** The kernel kills the JVM because its container is out of memory. */
export type OutOfMemoryFault = BrokerFault<'oom'>;
/** `quota` is in cores. */
export type CpuFault = BrokerFault<'cpu'> & { readonly quota: number };
export type DiskFullFault = BrokerFault<'disk-full'>;
export type DiskReadonlyFault = BrokerFault<'disk-readonly'>;
export type PowerLossFault = BrokerFault<'power-loss'> & {
  /** Of each partition, from the end: rounded up to whole batches, and never below Kafka's recovery point. */
  readonly lose: Tail;
  /** Which partitions; null: those of every topic of the scenario. */
  readonly of: TopicPlace | null;
};
/** The container loses its network. */
export type DisconnectFault = BrokerFault<'disconnect'>;

export type Tail =
  | { readonly kind: 'records'; readonly records: number }
  | { readonly kind: 'bytes'; readonly bytes: number };

/** A topic, or one partition of it. */
export type TopicPlace = { readonly topic: string; readonly partition: number | null };

export type FaultSpec =
  | AdminFault
  | KillFault
  | StopFault
  | PauseFault
  | RestartFault
  | RollingRestartFault
  | LatencyFault
  | BandwidthFault
  | ResetFault
  | BlackholeFault
  | PartitionFault
  | DropFault
  | RecreateFault
  | ReplaceFault
  | OutOfMemoryFault
  | CpuFault
  | DiskFullFault
  | DiskReadonlyFault
  | PowerLossFault
  | DisconnectFault
  | WorkerFault;
export type FaultKind = FaultSpec['kind'];

// Expectations -------------------------------------------------------------------------------------

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Window =
  /** Performance: `measure`. Delivery counts: warm-up to drain. */
  | { readonly kind: 'default' }
  | { readonly kind: 'phase'; readonly phase: 'warmup' | 'measure' | 'drain' | 'steady' }
  | { readonly kind: 'during'; readonly fault: string }
  | { readonly kind: 'after'; readonly fault: string };

/** `METRIC [of LOAD] [during PHASE|FAULT | after FAULT] OP VALUE` */
export type Expectation = {
  /** As the user wrote it. */
  readonly text: string;
  /** A name of the metric table, such as `lost`, `p99(ack)`, `recovery`. */
  readonly metric: string;
  readonly of: string | null;
  readonly window: Window;
  readonly comparison: Comparison;
  /** In the metric's canonical unit (see the metric table): latencies and durations in milliseconds. */
  readonly value: number;
};

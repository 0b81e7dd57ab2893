/**
 * What the harness asks of a cluster and tells it to do, over the HARNESS listener: metadata, quorum, features,
 * topics, offsets, coordinators, groups, transactions, settings, elections, reassignments. What Kafka answers is data,
 * error codes included; only silence and misuse are thrown.
 */
import type { Address } from '../lib/address.ts';
import * as cluster from './admin/cluster.ts';
import * as groups from './admin/groups.ts';
import * as offsets from './admin/offsets.ts';
import * as reassign from './admin/reassign.ts';
import * as settings from './admin/settings.ts';
import * as topics from './admin/topics.ts';
import { Brokers } from './brokers.ts';
import type { KafkaConfig } from './security.ts';

export type { ClusterMetadata, PartitionMetadata, Quorum, TopicMetadata } from './admin/cluster.ts';
export type {
  CommittedOffset,
  GroupAnswer,
  GroupDescription,
  OngoingTransaction,
} from './admin/groups.ts';
export type { OffsetAnswer, OffsetQuery } from './admin/offsets.ts';
export type { NewReplicas, Reassignment, RecordsAnswer } from './admin/reassign.ts';
export type { ConfigChange, ConfigEntry, Resource, ResourceAnswer } from './admin/settings.ts';
export type { Election, NewTopic, TopicAnswer } from './admin/topics.ts';

export type AdminOptions = {
  readonly bootstrap: readonly Address[];
  readonly connection: KafkaConfig;
  readonly clientId: string;
  /** Aborting it makes every call under way reject with its reason. */
  readonly signal?: AbortSignal | undefined;
};

/** Milliseconds for a call as a whole, retries included; 5000 unless said otherwise. */
export type Within = { readonly timeoutMs?: number | undefined };

export interface Admin extends Disposable {
  /** Topics by name, or all. Every broker is asked, and per partition the newest leader epoch wins. */
  metadata(names?: readonly string[], within?: Within): Promise<cluster.ClusterMetadata>;
  /** The ids of the brokers that know any of these topics, each asked by itself; rejects when one does not answer. */
  whoKnows(names: readonly string[], within?: Within): Promise<readonly number[]>;
  /** The KRaft quorum: `leaderId` is the active controller, -1 when nobody knows one. */
  quorum(within?: Within): Promise<cluster.Quorum>;
  /** Finalized feature levels, such as `metadata.version`. */
  features(): Promise<Readonly<Record<string, number>>>;
  /** One answer per topic; `TOPIC_ALREADY_EXISTS` may mean that an earlier try succeeded unheard. */
  createTopics(
    topics: readonly topics.NewTopic[],
    within?: Within,
  ): Promise<readonly topics.TopicAnswer[]>;
  deleteTopics(names: readonly string[], within?: Within): Promise<readonly topics.TopicAnswer[]>;
  /** Elects leaders; null for every partition. `ELECTION_NOT_NEEDED` counts as done. */
  electLeaders(
    kind: 'preferred' | 'unclean',
    places: readonly topics.Place[] | null,
    within?: Within,
  ): Promise<readonly topics.Election[]>;
  /** Moves partitions to these replicas, the first preferred to lead; an answer says that it has begun. */
  alterReassignments(
    wanted: readonly reassign.NewReplicas[],
    within?: Within,
  ): Promise<readonly topics.Election[]>;
  /** Those under way. */
  listReassignments(within?: Within): Promise<readonly reassign.Reassignment[]>;
  /** `count`: how many there are to be in all. */
  createPartitions(topic: string, count: number, within?: Within): Promise<topics.TopicAnswer>;
  /** Records below offset `before` go; above the high watermark it is `OFFSET_OUT_OF_RANGE`. */
  deleteRecords(
    place: topics.Place,
    before: number,
    within?: Within,
  ): Promise<reassign.RecordsAnswer>;
  /**
   * One answer per query, in their order. Asks leaders, again while they move or are away; what is still not
   * answered when the time is over comes back as an error code. Watchers should give a short time.
   */
  listOffsets(
    queries: readonly offsets.OffsetQuery[],
    within?: Within,
  ): Promise<readonly offsets.OffsetAnswer[]>;
  /** The broker's id, or -1 while there is none. */
  findCoordinator(of: 'group' | 'transaction', key: string, within?: Within): Promise<number>;
  /** `offset` is -1 where nothing is committed. */
  committedOffsets(
    group: string,
    topic: string,
    partitions: readonly number[],
    within?: Within,
  ): Promise<readonly groups.CommittedOffset[]>;
  /** Says where a group without members begins to read. */
  commitOffsets(
    group: string,
    topic: string,
    offsets: readonly { readonly partition: number; readonly offset: number }[],
    within?: Within,
  ): Promise<readonly groups.CommittedOffset[]>;
  describeGroups(
    names: readonly string[],
    within?: Within,
  ): Promise<readonly groups.GroupDescription[]>;
  /**
   * One answer per group, in their order. `NON_EMPTY_GROUP` when it still had members at the end of the time,
   * `GROUP_ID_NOT_FOUND` when there is none, or an earlier try succeeded unheard.
   */
  deleteGroups(names: readonly string[], within?: Within): Promise<readonly groups.GroupAnswer[]>;
  /** Transactions that are open or being closed, of every coordinator that answers. */
  listTransactions(within?: Within): Promise<readonly groups.OngoingTransaction[]>;
  incrementalAlterConfigs(
    changes: readonly settings.ConfigChange[],
    within?: Within,
  ): Promise<readonly settings.ResourceAnswer[]>;
  describeConfigs(
    resources: readonly settings.Resource[],
    within?: Within,
  ): Promise<
    readonly (settings.ResourceAnswer & { readonly entries: readonly settings.ConfigEntry[] })[]
  >;
  close(): void;
}

/** Connects to the first bootstrap server that answers and learns the cluster, or throws `kafka.unreachable`. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const brokers = new Brokers(options);
  const ms = (within: Within | undefined): number | undefined => within?.timeoutMs;
  const admin: Admin = {
    metadata: (names, within) => cluster.metadata(brokers, names, ms(within)),
    whoKnows: (names, within) => cluster.whoKnows(brokers, names, ms(within)),
    quorum: (within) => cluster.quorum(brokers, ms(within)),
    features: () => cluster.features(brokers),
    createTopics: (list, within) => topics.createTopics(brokers, list, ms(within)),
    deleteTopics: (names, within) => topics.deleteTopics(brokers, names, ms(within)),
    electLeaders: (kind, places, within) => topics.electLeaders(brokers, kind, places, ms(within)),
    alterReassignments: (wanted, within) =>
      reassign.alterReassignments(brokers, wanted, ms(within)),
    listReassignments: (within) => reassign.listReassignments(brokers, ms(within)),
    createPartitions: (topic, count, within) =>
      reassign.createPartitions(brokers, topic, count, ms(within)),
    deleteRecords: (place, before, within) =>
      reassign.deleteRecords(brokers, place, before, ms(within)),
    listOffsets: (queries, within) => offsets.listOffsets(brokers, queries, ms(within)),
    findCoordinator: (of, key, within) => groups.findCoordinator(brokers, of, key, ms(within)),
    committedOffsets: (group, topic, partitions, within) =>
      groups.committedOffsets(brokers, group, topic, partitions, ms(within)),
    commitOffsets: (group, topic, list, within) =>
      groups.commitOffsets(brokers, group, topic, list, ms(within)),
    describeGroups: (names, within) => groups.describeGroups(brokers, names, ms(within)),
    deleteGroups: (names, within) => groups.deleteGroups(brokers, names, ms(within)),
    listTransactions: (within) => groups.listTransactions(brokers, ms(within)),
    incrementalAlterConfigs: (changes, within) =>
      settings.incrementalAlterConfigs(brokers, changes, ms(within)),
    describeConfigs: (resources, within) =>
      settings.describeConfigs(brokers, resources, ms(within)),
    close: () => brokers.close(),
    [Symbol.dispose]: () => brokers.close(),
  };
  try {
    await admin.metadata([]);
    return admin;
  } catch (error) {
    brokers.close();
    throw error;
  }
}

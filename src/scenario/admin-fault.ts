/** The faults that are Kafka's own admin calls, as the rest of the program sees them. */
import type { BrokerWhere, FaultCommon, KafkaConfig, TopicPlace } from './scenario.ts';

/** A topic or one partition, as something that an admin call changes. */
export type PlaceWhere = TopicPlace & { readonly kind: 'place' };
export type PartitionWhere = PlaceWhere & { readonly partition: number };
export type ElectionWhere = {
  readonly kind: 'election';
  readonly election: 'preferred' | 'unclean';
  readonly topic: string;
  readonly partition: number;
};
/** Whose settings: a topic's, one broker's, or those of all brokers. */
export type SettingsWhere = PlaceWhere | Extract<BrokerWhere, { kind: 'broker' | 'all-brokers' }>;
/** Where a log is to begin: after a share of its records (0 to 1), at an offset, or at its end. */
export type RecordsBefore =
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'latest' };

/** What Kafka's own admin calls do. Those without an end (`forMs` null) are over when they are done. */
export type ElectFault = FaultCommon & { readonly kind: 'elect'; readonly where: ElectionWhere };
export type ReassignFault = FaultCommon & {
  readonly kind: 'reassign';
  readonly where: PartitionWhere;
  /** null: each replica moves to the next broker. */
  readonly to: readonly number[] | null;
};
export type AddPartitionsFault = FaultCommon & {
  readonly kind: 'add-partitions';
  readonly where: PlaceWhere;
  /** How many more. */
  readonly count: number;
};
export type AlterConfigFault = FaultCommon & {
  readonly kind: 'alter-config';
  readonly where: SettingsWhere;
  readonly config: KafkaConfig;
};
export type RecreateTopicFault = FaultCommon & {
  readonly kind: 'recreate-topic';
  readonly where: PlaceWhere;
};
export type DeleteRecordsFault = FaultCommon & {
  readonly kind: 'delete-records';
  readonly where: PlaceWhere;
  readonly before: RecordsBefore;
};
export type AdminFault =
  | ElectFault
  | ReassignFault
  | AddPartitionsFault
  | AlterConfigFault
  | RecreateTopicFault
  | DeleteRecordsFault;

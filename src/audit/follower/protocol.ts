/** What the harness and the follower's process say to each other. Plain JSON. */
import type { RunEvent } from '../../evidence/events.ts';
import type { StreamTable } from '../../evidence/streams.ts';
import type { Address } from '../../lib/address.ts';
import type { KafkaNames } from '../../scenario/kafka-names.ts';
import type { KafkaConfig } from '../../wire/security.ts';

export type FollowPlan = {
  /** Over HARNESS, which no fault touches. */
  readonly bootstrap: readonly Address[];
  readonly connection: KafkaConfig;
  readonly names: KafkaNames;
  readonly streams: StreamTable;
  /** Per place of the stream table: the end offset before the first send. */
  readonly from: readonly number[];
  /** Topics whose logs may lawfully lack records that were written, or be other ones: they are not followed. */
  readonly except: readonly string[];
  /** Where the workers' ledgers lie. */
  readonly ledgers: string;
  /** Names of the loads that produce. */
  readonly loads: readonly string[];
  readonly t0Ns: string;
};

export type ToFollower =
  | { readonly type: 'start'; readonly plan: FollowPlan }
  /** Nothing is sent any more: it may catch up, and ends. */
  | { readonly type: 'stop' };

export type FromFollower =
  | { readonly type: 'event'; readonly event: RunEvent }
  /** It cannot go on; the run does. */
  | { readonly type: 'failed'; readonly message: string };

/** What `ordeal cluster up` and the keeper that it starts say to each other, until the cluster stands. */
import type { HostEnvironment } from '../../host/environment.ts';
import type { ProgressEvent } from '../../lib/progress.ts';
import type { ClusterPlan } from '../cluster.ts';
import type { Failure } from './channel.ts';

/** The first and only message to a keeper. */
export type KeepOrder = {
  readonly host: HostEnvironment;
  readonly name: string;
  /** Where its state and the logs go. */
  readonly folder: string;
  /** The provider is chosen. */
  readonly plan: ClusterPlan;
};

export type KeeperNews =
  /** Its state is written: the name is taken. */
  | { readonly type: 'claimed' }
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'ready'; readonly readyMs: number }
  | { readonly type: 'failed'; readonly failure: Failure };

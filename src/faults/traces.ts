/**
 * What a run's faults left on its cluster. Unless each was healed, and none is of a kind that changes a cluster for good,
 * the next run needs another one.
 */
import type { FaultKind } from '../scenario/scenario.ts';
import type { FaultEvent } from './timeline.ts';

/** What is done to topics goes with them; nodes and links are as before once they are healed. */
const CHANGES_FOR_GOOD: { readonly [K in FaultKind]: boolean } = {
  kill: false,
  stop: false,
  pause: false,
  restart: false,
  'rolling-restart': false,
  latency: false,
  bandwidth: false,
  reset: false,
  blackhole: false,
  partition: false,
  drop: false,
  recreate: false,
  replace: true,
  oom: false,
  cpu: false,
  'disk-full': true,
  'disk-readonly': true,
  'power-loss': true,
  disconnect: false,
  elect: false,
  reassign: false,
  'add-partitions': false,
  'alter-config': false,
  'recreate-topic': false,
  'delete-records': false,
  slow: false,
  'rebalance-storm': false,
};

export class Traces {
  readonly #open = new Set<string>();
  #forGood = false;

  /** To be told every event of the timeline. */
  hear(event: FaultEvent): void {
    if (event.type === 'fault-injecting') {
      this.#open.add(event.fault);
      this.#forGood ||= CHANGES_FOR_GOOD[event.kind as FaultKind];
    } else if (event.type === 'fault-healed') this.#open.delete(event.fault);
  }

  /** A fault that failed on the way stays open: nobody knows what it did. */
  get healed(): boolean {
    return this.#open.size === 0 && !this.#forGood;
  }
}

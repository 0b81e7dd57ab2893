/**
 * Work on nodes that is felt from its first moment and takes a while: the fault is in force at once, so that nothing
 * it does to clients is counted to the calm before it; probe and heal wait until it is done.
 */
import type { ClusterNode } from '../cluster/cluster.ts';

export type UnderWay = {
  /** Starts the work on a node; never rejects. */
  readonly begin: (node: ClusterNode) => Promise<void>;
  /** Settled when all of it is done; rejects with what went wrong. */
  readonly done: () => Promise<void>;
  /** Settled when the node's is over, well or not. */
  readonly over: (node: ClusterNode) => Promise<void>;
};

export function underWay(work: (node: ClusterNode) => Promise<void>): UnderWay {
  const begun = new Map<ClusterNode, Promise<void>>();
  return {
    begin: async (node) => {
      const doing = work(node);
      doing.catch(() => {}); // `done` tells it; a rejection before that is not unhandled.
      begun.set(node, doing);
    },
    done: async () => {
      await Promise.all(begun.values());
    },
    over: async (node) => {
      await begun.get(node)?.catch(() => {}); // `done` tells it.
    },
  };
}

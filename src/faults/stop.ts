/**
 * `stop`: SIGTERM and Kafka's controlled shutdown, which moves leadership away first. In force from the signal on,
 * because what clients feel of it happens before the process is gone. Heals by starting again.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import type { StopFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect } from './process.ts';

export const stop: Fault<StopFault> = {
  inject: ({ where }, arena) => {
    const stopping = new Map<ClusterNode, Promise<void>>();
    return injectOnNodes(
      where,
      {
        begin: async (node) => {
          const stopped = node.stop();
          stopped.catch(() => {}); // Awaited below; a rejection before that is not unhandled.
          stopping.set(node, stopped);
        },
        probe: async (hit) => {
          await Promise.all(stopping.values());
          return goneEffect(hit);
        },
        end: async (node) => {
          await stopping.get(node);
          await node.start();
        },
      },
      arena,
    );
  },
};

/**
 * `stop`: SIGTERM and Kafka's controlled shutdown, which moves leadership away first. In force from the signal on,
 * because what clients feel of it happens before the process is gone. Heals by starting again.
 */
import type { StopFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect } from './process.ts';
import { underWay } from './under-way.ts';

export const stop: Fault<StopFault> = {
  inject: ({ where }, arena) => {
    const stopping = underWay((node) => node.stop());
    return injectOnNodes(
      where,
      {
        begin: stopping.begin,
        probe: async (hit) => {
          await stopping.done();
          return goneEffect(hit);
        },
        end: async (node) => {
          await stopping.over(node);
          await node.start();
        },
      },
      arena,
    );
  },
};

/** `stop`: SIGTERM and Kafka's controlled shutdown, which moves leadership away first. Heals by starting again. */
import type { StopFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect } from './process.ts';

export const stop: Fault<StopFault> = {
  inject: ({ where }, arena) =>
    injectOnNodes(
      where,
      { begin: (node) => node.stop(), probe: goneEffect, end: (node) => node.start() },
      arena,
    ),
};

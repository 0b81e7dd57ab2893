/** `kill`: SIGKILL, as a crash of the process. The page cache survives it, so it says nothing about fsync. */
import type { KillFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { injectOnNodes } from './on-nodes.ts';
import { goneEffect } from './process.ts';

export const kill: Fault<KillFault> = {
  inject: ({ where }, arena) =>
    injectOnNodes(
      where,
      { begin: (node) => node.kill(), probe: goneEffect, end: (node) => node.start() },
      arena,
    ),
};

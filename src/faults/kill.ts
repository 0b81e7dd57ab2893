/**
 * `kill`: SIGKILL, as a crash of the process. The page cache survives it, so it says nothing about fsync, and the ledger
 * of a worker keeps all that was written to it.
 */
import type { KillFault } from '../scenario/worker-fault.ts';
import type { Fault } from './arena.ts';
import { injectOnProcesses } from './on-nodes.ts';
import { goneEffect } from './process.ts';

export const kill: Fault<KillFault> = {
  inject: ({ where }, arena) =>
    injectOnProcesses(
      where,
      { begin: (node) => node.kill(), probe: goneEffect, end: (node) => node.start() },
      arena,
    ),
};

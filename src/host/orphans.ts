/** What is left on an engine and no state file names any more: found by its labels, and removed. */
import { type Engine, findEngine } from './engine.ts';
import { isOrphan, RUN_LABEL, runFilter } from './engine-labels.ts';
import { findLabelled, removeLabelled } from './engine-sweep.ts';
import type { HostEnvironment } from './environment.ts';

/** The runs of this machine whose harness is gone and of which the engine still has something. */
export async function findOrphans(engine: Engine): Promise<readonly string[]> {
  const ours = await findLabelled(engine, RUN_LABEL);
  const names = ours
    .filter(({ labels }) => isOrphan(labels))
    .map(({ labels }) => labels[RUN_LABEL]);
  return [...new Set(names as string[])];
}

/** Removes them from the engine that answers; a line for each thing. Without an engine there is nothing to do. */
export async function cleanOrphans(host: HostEnvironment): Promise<readonly string[]> {
  const answer = await findEngine(host);
  if (!answer.running) return [];
  const lines: string[] = [];
  for (const name of await findOrphans(answer.engine)) {
    const removed = await removeLabelled(answer.engine, runFilter(name));
    lines.push(...removed.map(({ kind, name: called }) => `removed ${kind} ${called}`));
  }
  return lines;
}

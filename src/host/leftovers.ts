/** What crashed runs left behind, after even their reapers died: found by their state files, and undone. */
import type { HostEnvironment } from './environment.ts';
import { isSameProcess } from './identity.ts';
import { readState, removeState, stateFiles, undo } from './run-state.ts';

export type Leftover = {
  readonly stateFile: string;
  /** Processes still alive, as `name (process PID)`. */
  readonly processes: readonly string[];
  readonly folders: readonly string[];
  /** Labels on engines. */
  readonly labels: readonly string[];
};

/** Runs whose harness is gone. A living run is never among them. */
export function findLeftovers(host: HostEnvironment): readonly Leftover[] {
  return stateFiles(host).flatMap((path) => {
    const state = readState(path);
    if (state !== undefined && isSameProcess(state.harness)) return [];
    return {
      stateFile: path,
      processes: (state?.processes ?? [])
        .filter(isSameProcess)
        .map(({ name, pid }) => `${name} (process ${pid})`),
      folders: state?.folders ?? [],
      labels: (state?.engines ?? []).map(({ filter }) => filter),
    };
  });
}

/**
 * Ends and removes all of it; one line for each thing that was still there. When an engine is away, what it has
 * stays remembered, the rest is cleaned, and then `engine.away` is thrown.
 */
export async function cleanLeftovers(host: HostEnvironment): Promise<readonly string[]> {
  const lines: string[] = [];
  const failures: unknown[] = [];
  for (const { stateFile } of findLeftovers(host)) {
    try {
      lines.push(...(await undo(stateFile, { engineWithinMs: 0 })));
      removeState(stateFile);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return lines;
}

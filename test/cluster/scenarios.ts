/** Scenarios as values, for tests that need a cluster and no file. */
import type { ClusterContext } from '../../src/cluster/cluster.ts';
import type { HostEnvironment } from '../../src/host/environment.ts';
import type { OrdealError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import type { ClusterSpec, FaultSpec, Scenario } from '../../src/scenario/scenario.ts';

export const scenarioWith = (
  cluster: Partial<ClusterSpec> = {},
  faults: readonly FaultSpec[] = [],
): Scenario => ({
  name: 'test',
  question: '',
  cluster: {
    provider: 'local',
    brokers: 3,
    controllers: 0,
    kafka: '4.3.1',
    config: {},
    heapBytes: 256 * 2 ** 20,
    cpus: null,
    memoryBytes: null,
    volume: { kind: 'volume' },
    jvm: 'quick',
    bootstrap: [],
    connection: {},
    allowDestructive: false,
    keepTopics: false,
    ...cluster,
  },
  topics: {},
  load: [],
  phases: { warmupMs: 0, measureMs: 1000, drainMs: 1000 },
  faults,
  expect: [],
  abortOn: [],
  mustFind: null,
  attempts: 1,
});

export const hostWith = (env: Record<string, string | undefined> = {}): HostEnvironment => ({
  env: { ...process.env, ...env },
  platform: process.platform,
  version: '0.0.0',
});

type NodeEvent = Parameters<ClusterContext['onNode']>[0];

type WatchedContext = ClusterContext & {
  readonly events: NodeEvent[];
  readonly failures: OrdealError[];
  readonly warnings: string[];
};

export function contextIn(runFolder: string): WatchedContext {
  const events: NodeEvent[] = [];
  const failures: OrdealError[] = [];
  const warnings: string[] = [];
  return {
    runFolder,
    runId: 'test',
    progress: silent,
    signal: new AbortController().signal,
    onNode: (event) => events.push(event),
    onFailure: (error) => failures.push(error),
    warn: (_, message) => warnings.push(message),
    events,
    failures,
    warnings,
  };
}

/** The process that a node was started as last. */
export function pidOf({ events }: { readonly events: readonly NodeEvent[] }, id: number): number {
  const started = events.findLast((event) => event.type === 'started' && event.node === id);
  if (started?.type !== 'started') throw new Error(`node ${id} was never started`);
  return started.pid;
}

/** Runs of an experiment have one cluster, until one leaves it broken or asks for another. */
import { afterEach, expect, test, vi } from 'vitest';
import type { ClusterContext, NodeEvent, RunningCluster } from '../../src/cluster/cluster.ts';
import { environmentError } from '../../src/lib/errors.ts';
import type { RunPlan } from '../../src/runner/plan.ts';
import { SharedCluster } from '../../src/runner/shared-cluster.ts';
import { aScenario } from '../fixtures/run-builder.ts';

const wrong = vi.hoisted(() => ({ what: null as string | null }));
vi.mock('../../src/cluster/kept/whole.ts', () => ({
  runtimeSettings: async () => new Map(),
  whatIsWrong: async () => wrong.what,
}));

afterEach(() => {
  wrong.what = null;
});

function house() {
  const asked: string[] = [];
  const contexts: ClusterContext[] = [];
  const provider = {
    name: 'local' as const,
    start: async (_: unknown, context: ClusterContext): Promise<RunningCluster> => {
      const number = contexts.push(context);
      asked.push(`raise ${context.runId}`);
      context.onNode({ type: 'started', node: 1, pid: number, dataDir: '/data' });
      return {
        facts: {},
        [Symbol.asyncDispose]: async () => void asked.push(`end ${number}`),
      } as unknown as RunningCluster;
    },
  };
  const plan = (change: Partial<ReturnType<typeof aScenario>> = {}) =>
    ({ provider, scenario: aScenario(change), proxied: [] }) as unknown as RunPlan;
  const signal = new AbortController().signal;
  const shared = new SharedCluster({ folder: '/tmp', name: 'it', signal });
  /** One run; what it heard of the nodes, and what it knew of the cluster. */
  const run = async (of = plan(), { whole = true } = {}) => {
    const heard: NodeEvent[] = [];
    const context = {
      onNode: (event: NodeEvent) => heard.push(event),
      onFailure: () => {},
    } as unknown as ClusterContext;
    const lent = shared.lend(of);
    const cluster = await lent.provider.start({ scenario: of.scenario, proxied: [] }, context);
    if (whole) cluster.leaveWhole?.();
    await cluster[Symbol.asyncDispose]();
    return { heard, kept: cluster.facts.kept };
  };
  return { asked, contexts, plan, run, shared };
}

test('the second run has the cluster of the first, and hears what stands', async () => {
  const { asked, run, shared } = house();
  const first = await run();
  const second = await run();
  expect(asked).toEqual(['raise it-1']);
  expect(first.kept).toEqual({ name: 'it', usedBefore: 0 });
  expect(second.kept).toEqual({ name: 'it', usedBefore: 1 });
  expect(first.heard).toHaveLength(1);
  expect(second.heard).toEqual(first.heard);
  await shared[Symbol.asyncDispose]();
  await shared[Symbol.asyncDispose]();
  expect(asked).toEqual(['raise it-1', 'end 1']);
});

test.each<[string, (at: ReturnType<typeof house>) => Promise<unknown>]>([
  ['the run before did not leave it whole', ({ run, plan }) => run(plan(), { whole: false })],
  [
    'another one is asked for',
    ({ run, plan }) => run(plan({ cluster: { ...plan().scenario.cluster, brokers: 5 } })),
  ],
  [
    'what it stands on is gone',
    async ({ run, contexts }) => {
      await run();
      contexts[0]?.onFailure(environmentError('engine.gone', 'the engine is gone'));
    },
  ],
  [
    'something is wrong with it',
    async ({ run }) => {
      await run();
      wrong.what = 'node 1 is stopped';
    },
  ],
])('it is raised anew when %s', async (_, before) => {
  const at = house();
  await before(at);
  const { kept } = await at.run();
  expect(at.asked).toEqual(['raise it-1', 'end 1', 'raise it-2']);
  expect(kept).toEqual({ name: 'it', usedBefore: 0 });
});

test('on an external cluster every run is a guest as it is', () => {
  const { plan, shared } = house();
  const external = { ...plan(), provider: { name: 'external' } } as unknown as RunPlan;
  expect(shared.lend(external)).toBe(external);
});

/**
 * `cpu`: the kernel lets the container run for no more than `quota` cores, as a noisy neighbour or a tight limit
 * would have it. Proven when the kernel has the quota and held the container back because of it.
 */
import type { ClusterNode } from '../cluster/cluster.ts';
import { waitFor } from '../lib/deadline.ts';
import type { CpuFault } from '../scenario/scenario.ts';
import type { Effect, Fault } from './arena.ts';
import { containerOf, run, script } from './containers.ts';
import { injectOnNodes } from './on-nodes.ts';
import type { HitNode } from './process.ts';

/** A broker that is not held back within this time has as much as it wants. */
const HELD_BACK_WITHIN_MS = 5000;

export const cpu: Fault<CpuFault> = {
  inject: ({ where, quota }, arena) =>
    injectOnNodes(
      where,
      {
        begin: (node) => containerOf(node).limitCpus(quota),
        probe: (hit) => heldBack(hit, quota),
        end: (node) => containerOf(node).limitCpus(null),
      },
      arena,
    ),
};

async function heldBack(hit: readonly HitNode[], quota: number): Promise<Effect> {
  const effects = await Promise.all(hit.map(({ node }) => heldBackOne(node, quota)));
  return {
    proven: effects.every(({ proven }) => proven),
    evidence: effects.map(({ evidence }) => evidence).join('; '),
  };
}

async function heldBackOne(node: ClusterNode, quota: number): Promise<Effect> {
  const first = await usage(node);
  let last = first;
  const held = async (): Promise<boolean> => {
    last = await usage(node);
    return last.throttled > first.throttled;
  };
  await waitFor('the quota to bite', held, {
    timeoutMs: HELD_BACK_WITHIN_MS,
    everyMs: 200,
  }).catch(() => {});
  const given = last.cores === null ? 'no quota' : `a quota of ${last.cores} cores`;
  const times = last.throttled - first.throttled;
  return {
    proven: last.cores !== null && Math.abs(last.cores - quota) < 0.01 && times > 0,
    evidence: `broker ${node.id} has ${given} and was held back ${times} times`,
  };
}

type Usage = { readonly cores: number | null; readonly throttled: number };

/** Control groups of version 2 say it in `cpu.max`, those of version 1 in two files. */
const READ_USAGE =
  'cd /sys/fs/cgroup; cat cpu.max 2>/dev/null || cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us; cat cpu.stat 2>/dev/null || cat cpu/cpu.stat';

async function usage(node: ClusterNode): Promise<Usage> {
  return parseUsage(await run(node, 'node', script(READ_USAGE)));
}

/** `max` and -1 are no quota. */
export function parseUsage(text: string): Usage {
  const [quota, period] = text.split(/\s+/).map(Number);
  const throttled = Number(/^nr_throttled (\d+)$/m.exec(text)?.[1] ?? 0);
  const limited = quota !== undefined && period !== undefined && quota > 0;
  return { cores: limited ? quota / period : null, throttled };
}

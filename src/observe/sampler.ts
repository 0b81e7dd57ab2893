/**
 * Looks at the living cluster over HARNESS, which no fault touches, and tells what it sees: leaders, ISR and
 * controller and what groups have committed when they change, offsets and group lag at every sample.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { ClusterSample } from '../evidence/series.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/deadline.ts';
import { messageOf } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import { createCommitWatch, type GroupWatch, lagOf, sampleCommitted } from './lag.ts';
import { createLeadershipWatch } from './leadership.ts';
import { type PartitionOffsets, sampleOffsets } from './offsets.ts';

const EVERY_MS = 500;

export type SamplerOptions = {
  readonly admin: Admin;
  readonly clock: Clock;
  readonly topics: readonly string[];
  readonly groups: readonly GroupWatch[];
  readonly onEvent: (event: RunEvent) => void;
  readonly onSample: (sample: ClusterSample) => void;
  /** Ends the sampling. */
  readonly signal: AbortSignal;
};

/** Samples until the signal; a failing look is told once per streak and never ends the run. */
export async function observeCluster(options: SamplerOptions): Promise<void> {
  const { clock, signal, onEvent } = options;
  const watch = createLeadershipWatch(options.admin, options.topics, (change) =>
    onEvent({ t: clock.nowUs(), ...change }),
  );
  const onCommitted = createCommitWatch(options.onSample);
  let failing = false;
  while (!signal.aborted) {
    const next = performance.now() + EVERY_MS;
    try {
      await watch.look();
      await sampleNumbers(options, onCommitted);
      failing = false;
    } catch (error) {
      if (!failing && !signal.aborted) {
        onEvent({ t: clock.nowUs(), type: 'observe-failed', message: messageOf(error) });
      }
      failing = true;
    }
    await pause(Math.max(0, next - performance.now()), signal).catch(() => {});
  }
}

async function sampleNumbers(
  options: SamplerOptions,
  onCommitted: ReturnType<typeof createCommitWatch>,
): Promise<void> {
  const offsets: readonly PartitionOffsets[] = await sampleOffsets(options.admin, options.topics);
  const t = options.clock.nowUs();
  for (const found of offsets) options.onSample({ t, type: 'offsets', ...found });
  for (const group of options.groups) {
    const committed = await sampleCommitted(options.admin, group, offsets);
    if (committed === null) continue;
    onCommitted(t, group, committed);
    const lag = lagOf(group, committed, offsets);
    options.onSample({ t, type: 'lag', group: group.group, lag });
  }
}

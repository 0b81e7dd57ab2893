/**
 * Looks at the living cluster over HARNESS, which no fault touches, and tells what it sees: leaders, ISR and
 * controller when they change, offsets and group lag at every sample.
 */
import type { RunEvent } from '../evidence/events.ts';
import type { ClusterSample } from '../evidence/series.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/deadline.ts';
import { messageOf } from '../lib/errors.ts';
import type { Admin } from '../wire/admin.ts';
import { type GroupWatch, sampleLag } from './lag.ts';
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
  let failing = false;
  while (!signal.aborted) {
    const next = performance.now() + EVERY_MS;
    try {
      await watch.look();
      await sampleNumbers(options);
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

async function sampleNumbers(options: SamplerOptions): Promise<void> {
  const offsets: readonly PartitionOffsets[] = await sampleOffsets(options.admin, options.topics);
  const t = options.clock.nowUs();
  for (const found of offsets) options.onSample({ t, type: 'offsets', ...found });
  for (const group of options.groups) {
    const lag = await sampleLag(options.admin, group, offsets);
    if (lag !== null) options.onSample({ t, type: 'lag', group: group.group, lag });
  }
}

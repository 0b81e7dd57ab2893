/** `latency`: every byte over the links arrives `delay` ± `jitter` later. */
import type { LatencyFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const latency: Fault<LatencyFault> = {
  inject: ({ where, delayMs, jitterMs, stream }, arena) => {
    // Half the shortest delay that can be drawn: the rest is left to the noise of the first measurement.
    const leastMs = Math.max(1, (delayMs - jitterMs) / 2);
    return injectOnLinks(
      where,
      { kind: 'latency', delayMs, jitterMs, stream },
      arena,
      (before, after) => ({
        proven:
          after.roundTripMs !== null && after.roundTripMs - (before.roundTripMs ?? 0) >= leastMs,
        evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
      }),
    );
  },
};

/** `bandwidth`: no more than so many bytes a second over each link. */
import type { BandwidthFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

/** Half a mebibyte there: one small request would pass any limit unseen. */
const REQUESTS = 16;

export const bandwidth: Fault<BandwidthFault> = {
  inject: ({ where, bytesPerSecond, stream }, arena) =>
    injectOnLinks(
      where,
      { kind: 'bandwidth', bytesPerSecond, stream },
      arena,
      (before, after) => ({
        // So narrow that the probe's time was over says as much.
        proven:
          before.roundTripMs !== null &&
          (after.state === 'silent' || (after.roundTripMs ?? 0) > 2 * before.roundTripMs),
        evidence: `${REQUESTS} requests of 32 kB ${describeProbe(before)} before, ${describeProbe(after)} with it`,
      }),
      REQUESTS,
    ),
};

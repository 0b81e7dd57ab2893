/** `bandwidth`: no more than so many bytes a second over each link. */
import type { BandwidthFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const bandwidth: Fault<BandwidthFault> = {
  inject: ({ where, bytesPerSecond, stream }, arena) =>
    injectOnLinks(where, { kind: 'bandwidth', bytesPerSecond, stream }, arena, (before, after) => ({
      proven: after.roundTripMs !== null && after.roundTripMs > 2 * (before.roundTripMs ?? 0),
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    })),
};

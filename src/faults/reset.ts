/**
 * `reset`: connections over the links are reset (TCP RST), new ones as well while it lasts. A connection that comes
 * to the probe through another proxy, as into a container, is seen to close instead.
 */
import type { ResetFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const reset: Fault<ResetFault> = {
  inject: ({ where }, arena) =>
    injectOnLinks(where, { kind: 'reset' }, arena, (before, after) => ({
      proven: before.state === 'answered' && ['reset', 'refused'].includes(after.state),
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    })),
};

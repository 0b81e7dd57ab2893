/**
 * `reset`: connections over the links are reset (TCP RST), new ones as well while it lasts. The probe's
 * connection into a container comes through another proxy, and is seen to close instead.
 */
import type { ResetFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const reset: Fault<ResetFault> = {
  inject: ({ where }, arena) =>
    injectOnLinks(where, { kind: 'reset' }, arena, (before, after) => ({
      proven:
        before.state === 'answered' &&
        (after.state === 'reset' || (after.state === 'refused' && after.indirect === true)),
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    })),
};

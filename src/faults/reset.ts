/** `reset`: connections over the links are reset (TCP RST), new ones as well while it lasts. */
import type { ResetFault } from '../scenario/scenario.ts';
import type { Fault } from './arena.ts';
import { describeProbe, injectOnLinks } from './on-links.ts';

export const reset: Fault<ResetFault> = {
  inject: ({ where }, arena) =>
    injectOnLinks(where, { kind: 'reset' }, arena, (before, after) => ({
      proven: after.state === 'reset',
      evidence: `${describeProbe(before)} before, ${describeProbe(after)} with it`,
    })),
};
